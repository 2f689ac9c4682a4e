import { FlaskConical } from 'lucide-react';

import type { Channel } from '@/lib/channel';

import { useSettings } from './useSettings';

/** Marks a channel whose messages go to the sandbox, and leads to where one can be the customer. */
export function SandboxBadge({ channel }: { channel: Channel }) {
  const settings = useSettings().data;
  const isSandboxed = settings?.channels.some((c) => c.channel === channel && c.sandbox);
  if (!isSandboxed) return null;
  return (
    <a
      href={settings?.sandboxUrl}
      target="_blank"
      rel="noopener noreferrer"
      title="Messages go to the sandbox, not to a real customer. Open it to be the customer."
      className="inline-flex shrink-0 items-center gap-1 rounded-full bg-warn-soft px-2 text-xs font-medium text-warn hover:underline"
    >
      <FlaskConical aria-hidden className="size-3" />
      Sandbox
    </a>
  );
}
