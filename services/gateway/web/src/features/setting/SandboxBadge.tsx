import { FlaskConical } from 'lucide-react';

import type { Channel } from '@/lib/channel';

import { useSettings } from './useSettings';

export interface SandboxBadgeProps {
  channel: Channel;
  /** Whose phone or mailbox to open; left out, the sandbox chooses. */
  customer?: string;
  /** A phone has room for the mark alone. */
  isShort?: boolean;
}

/** Marks a channel whose messages go to the sandbox, and leads to where one can be the customer. */
export function SandboxBadge({ channel, customer, isShort = false }: SandboxBadgeProps) {
  const settings = useSettings().data;
  const isSandboxed = settings?.channels.some((c) => c.channel === channel && c.sandbox);
  if (!isSandboxed || !settings?.sandboxUrl) return null;
  const of = customer
    ? `/?${channel === 'email' ? 'mail' : 'phone'}=${encodeURIComponent(customer)}`
    : '';
  return (
    <a
      href={settings.sandboxUrl + of}
      target="_blank"
      rel="noopener noreferrer"
      title="Messages go to the sandbox, not to a real customer. Open it to be the customer."
      className="inline-flex shrink-0 items-center gap-1 rounded-full bg-warn-soft px-2 text-xs font-medium text-warn hover:underline"
    >
      <FlaskConical aria-hidden className="size-3" />
      <span className={isShort ? 'sr-only sm:not-sr-only' : undefined}>Sandbox</span>
    </a>
  );
}
