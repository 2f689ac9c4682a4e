import { Ban } from 'lucide-react';
import { useState } from 'react';

import type { Consent } from '@/api/consent';
import type { Conversation } from '@/api/conversation';
import { Button } from '@/components/Button';
import { fullTime, shortDate } from '@/lib/time';
import { useNow } from '@/lib/useNow';

import { ConsentDialog } from './ConsentDialog';
import { addsReason, whyStopped } from './words';

export interface OptedOutNoteProps {
  conversation: Conversation;
  consent: Consent;
}

/** Stands where one would answer: since when and why nothing goes out, and how to change that. */
export function OptedOutNote({ conversation, consent }: OptedOutNoteProps) {
  const [asks, setAsks] = useState(false);
  const now = useNow();
  const why = whyStopped(consent, conversation.contact.name);
  return (
    <section
      aria-label="Messages are stopped"
      className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-t border-line bg-danger-soft px-4 py-3"
    >
      <Ban aria-hidden className="size-5 shrink-0 text-danger" />
      <div className="min-w-0 flex-1 basis-60">
        <p className="font-medium text-danger">
          Messages are stopped since{' '}
          <time dateTime={consent.changedAt.toISOString()} title={fullTime(consent.changedAt)}>
            {shortDate(consent.changedAt, now)}
          </time>
        </p>
        <p className="break-words text-ink-2">
          {why}
          {addsReason(consent) && ` Reason: ${consent.reason}`}
        </p>
      </div>
      <Button onClick={() => setAsks(true)}>Allow again…</Button>
      <ConsentDialog
        channel={conversation.channel}
        address={consent.address || conversation.contact.address}
        state="opted_in"
        warning={consent.source === 'person' ? undefined : why}
        conversation={conversation}
        open={asks}
        onClose={() => setAsks(false)}
      />
    </section>
  );
}
