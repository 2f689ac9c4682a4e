import type { Channel } from '@/lib/channel';
import { initials } from '@/lib/address';
import { classes } from '@/lib/classes';

import { ChannelIcon } from './ChannelIcon';

export interface AvatarProps {
  name: string;
  address: string;
  channel?: Channel;
  size?: 'small' | 'large';
}

/** The initials of a person, with the mark of the channel they write on. The name stands beside it, so it is silent. */
export function Avatar({ name, address, channel, size = 'small' }: AvatarProps) {
  return (
    <span aria-hidden className="relative inline-flex shrink-0">
      <span
        className={classes(
          'inline-flex items-center justify-center rounded-full bg-sunken font-medium text-ink-2',
          size === 'small' ? 'size-9 text-xs' : 'size-14 text-base',
        )}
      >
        {initials(name, address)}
      </span>
      {channel && (
        <span className="absolute -right-1 -bottom-0.5 inline-flex size-4.5 items-center justify-center rounded-full border border-line bg-raised text-ink-2">
          <ChannelIcon channel={channel} className="size-2.5" />
        </span>
      )}
    </span>
  );
}
