import { Clock3, Lock } from 'lucide-react';

import type { Conversation } from '@/api/conversation';
import { spokenDuration } from '@/lib/duration';
import { fullTime } from '@/lib/time';
import { useNow } from '@/lib/useNow';

/** For how long the customer can still be written to freely. */
export function WindowNote({ conversation }: { conversation: Conversation }) {
  const { windowExpiresAt } = conversation;
  const now = useNow(15_000);
  if (!windowExpiresAt) return null;
  const left = windowExpiresAt.getTime() - now.getTime();
  const isSoon = left < 60 * 60_000;
  return (
    <p
      className={`flex items-center gap-1.5 text-xs ${isSoon ? 'text-warn' : 'text-ink-3'}`}
      title={`Until ${fullTime(windowExpiresAt)}`}
    >
      <Clock3 aria-hidden className="size-3.5" />
      Open for free answers for {spokenDuration(left)} more
    </p>
  );
}

/** Why only a template can be sent. */
export function ClosedNote({ conversation }: { conversation: Conversation }) {
  const wrote = conversation.windowExpiresAt !== undefined;
  return (
    <p className="flex items-start gap-2 rounded-md bg-warn-soft px-3 py-2 text-warn">
      <Lock aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span>
        {wrote
          ? 'The customer has not written for more than 24 hours, so WhatsApp takes only a template.'
          : 'The customer has not written yet, so WhatsApp takes only a template.'}{' '}
        Once they answer, you can write freely.
      </span>
    </p>
  );
}
