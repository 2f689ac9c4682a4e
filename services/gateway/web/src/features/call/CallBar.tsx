import { PhoneIncoming } from 'lucide-react';

import type { Conversation } from '@/api/conversation';
import { readableAddress } from '@/lib/address';

import { CallButton } from './CallButton';

/** Stands where one would answer: a call is answered by calling. */
export function CallBar({ conversation }: { conversation: Conversation }) {
  const { contact } = conversation;
  return (
    <div className="flex shrink-0 items-center gap-3 border-t border-line px-4 py-3">
      <PhoneIncoming aria-hidden className="size-4 shrink-0 text-ink-3" />
      <p className="min-w-0 flex-1 text-ink-2">Your phone rings first, then theirs.</p>
      <CallButton
        address={contact.address}
        name={contact.name}
        label={`Call ${contact.name || readableAddress(contact.address)}`}
        kind="primary"
      />
    </div>
  );
}
