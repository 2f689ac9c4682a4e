import { Ban, Check } from 'lucide-react';
import { useState } from 'react';

import type { Consent } from '@/api/consent';
import { Button } from '@/components/Button';
import { ChannelIcon } from '@/components/ChannelIcon';
import { readableAddress } from '@/lib/address';
import { channelNames } from '@/lib/channel';
import { classes } from '@/lib/classes';
import { fullTime, shortDate } from '@/lib/time';
import { useNow } from '@/lib/useNow';

import { ConsentDialog } from './ConsentDialog';
import { addsReason, sourceName, whyStopped } from './words';

/** One address: whether it is written to, who said so and why, and how to change it. */
export function ConsentLine({ consent }: { consent: Consent }) {
  const [asks, setAsks] = useState(false);
  const now = useNow();
  const { channel, address, state, source, changedAt } = consent;
  const isStopped = state === 'opted_out';
  const Mark = isStopped ? Ban : Check;
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
      <ChannelIcon channel={channel} className="size-4 shrink-0 text-ink-2" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-x-2">
          <span className="font-medium break-all">{readableAddress(address)}</span>
          <span className="sr-only">on {channelNames[channel]}</span>
          <span
            className={classes(
              'inline-flex items-center gap-1 rounded-full px-2 text-xs font-medium',
              isStopped ? 'bg-danger-soft text-danger' : 'bg-accent-soft text-accent-ink',
            )}
          >
            <Mark aria-hidden className="size-3" />
            {isStopped ? 'Stopped' : 'Allowed again'}
          </span>
        </p>
        <p className="text-xs break-words text-ink-2">
          <time dateTime={changedAt.toISOString()} title={fullTime(changedAt)}>
            {shortDate(changedAt, now)}
          </time>
          , {sourceName(source)}
          {addsReason(consent) && `: ${consent.reason}`}
        </p>
      </div>
      <Button onClick={() => setAsks(true)}>{isStopped ? 'Allow again…' : 'Stop…'}</Button>
      <ConsentDialog
        channel={channel}
        address={address}
        state={isStopped ? 'opted_in' : 'opted_out'}
        warning={isStopped && source !== 'person' ? whyStopped(consent) : undefined}
        open={asks}
        onClose={() => setAsks(false)}
      />
    </li>
  );
}
