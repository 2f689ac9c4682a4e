import { useState } from 'react';

import type { ChannelSetting } from '@/api/setting';
import { Button } from '@/components/Button';
import { ChannelIcon } from '@/components/ChannelIcon';
import { ErrorState } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { useMe } from '@/features/call/useCall';
import { limitsInWords } from '@/features/file/limit';
import { readableAddress } from '@/lib/address';
import { channelNames } from '@/lib/channel';
import { fullTime } from '@/lib/time';

import { AccountDialog } from './AccountDialog';
import { SandboxBadge } from './SandboxBadge';
import { Section } from './Section';
import { useOwnAccounts } from './useAccounts';
import { useSettings } from './useSettings';

/** The channels the workspace has, and the address customers see on each. */
export function ChannelSection() {
  const query = useSettings();
  const canManage = useMe()?.role !== 'agent';
  return (
    <Section title="Channels" text="How customers reach you, and the address they see.">
      {query.isPending && (
        <div role="status" aria-label="Loading channels" className="flex flex-col gap-2">
          <Skeleton className="h-14" />
          <Skeleton className="h-14" />
        </div>
      )}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
          {query.data.channels.filter(isFirst).map((setting) => (
            <ChannelLine key={setting.channel} setting={setting} canManage={canManage} />
          ))}
        </ul>
      )}
    </Section>
  );
}

/** The first account of a channel is the one that new messages leave by. */
function isFirst(setting: ChannelSetting, at: number, all: ChannelSetting[]): boolean {
  return all.findIndex((s) => s.channel === setting.channel) === at;
}

interface ChannelLineProps {
  setting: ChannelSetting;
  canManage: boolean;
}

function ChannelLine({ setting, canManage }: ChannelLineProps) {
  const [changes, setChanges] = useState(false);
  const isReady = setting.from !== '';
  const takesFiles = setting.limits.maxFiles > 0 || setting.limits.maxTotalBytes > 0;
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <ChannelIcon channel={setting.channel} className="size-4 text-ink-2" />
      <div className="min-w-0 flex-1">
        <p className="flex items-center gap-2 font-medium">
          {channelNames[setting.channel]}
          <SandboxBadge channel={setting.channel} />
          {setting.isExperimental && (
            <span
              title="The provider calls this channel unfinished: expect changes, and do not rely on it."
              className="rounded-full bg-sunken px-2 text-xs font-medium text-ink-2"
            >
              Experimental
            </span>
          )}
        </p>
        <p className="truncate text-ink-2">
          {isReady ? readableAddress(setting.from) : 'Not connected'}
        </p>
        {isReady && takesFiles && (
          <p className="text-xs text-ink-3">{limitsInWords(setting.limits)}</p>
        )}
      </div>
      {isReady && (
        <p className="text-right text-xs text-ink-3">
          {setting.mode === 'byoc' ? 'Your own account' : 'Platform account'}
          {setting.provider && <span className="block">{setting.provider}</span>}
          {canManage && setting.mode === 'byoc' && <AccountHealth provider={setting.provider} />}
        </p>
      )}
      {canManage && (
        <Button
          aria-label={`Change the account of ${channelNames[setting.channel]}`}
          onClick={() => setChanges(true)}
        >
          Change
        </Button>
      )}
      {changes && <AccountDialog setting={setting} open onClose={() => setChanges(false)} />}
    </li>
  );
}

/** Whether the provider takes what one's own account sends, as the messages that go through it tell. */
function AccountHealth({ provider }: { provider: string }) {
  const account = useOwnAccounts().data?.find((a) => a.provider === provider);
  if (!account) return null;
  return account.held ? (
    <span className="block font-medium text-danger">
      Refused since {fullTime(new Date(account.held.since))}
    </span>
  ) : (
    <span className="block text-accent-ink">Working</span>
  );
}
