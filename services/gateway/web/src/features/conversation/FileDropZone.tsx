import { Paperclip } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Conversation } from '@/api/conversation';
import { limitsInWords } from '@/features/file/limit';
import { useAttach, useLimits } from '@/features/file/useAttach';
import { useDropZone } from '@/features/file/useDropZone';

export interface FileDropZoneProps {
  conversation: Conversation;
  children: ReactNode;
}

/** A conversation: files dropped anywhere on it join the draft. */
export function FileDropZone({ conversation, children }: FileDropZoneProps) {
  const { id, channel, consent, contact } = conversation;
  const attach = useAttach(id, channel);
  const limits = useLimits(channel);
  const takesFiles =
    (channel === 'email' || channel === 'sms' || channel === 'whatsapp') &&
    consent?.state !== 'opted_out';
  const { isOver, zone } = useDropZone((files) => {
    if (takesFiles) attach(files);
  });
  return (
    <section
      aria-label={`Conversation with ${contact.name || contact.address}`}
      className="relative flex min-w-0 flex-1 flex-col bg-surface"
      {...zone}
    >
      {children}
      {isOver && takesFiles && (
        <div className="pointer-events-none absolute inset-2 z-30 flex animate-appear flex-col items-center justify-center gap-2 rounded-lg border-2 border-dashed border-accent bg-accent-soft/90 text-accent-ink">
          <Paperclip aria-hidden className="size-6" />
          <p className="font-medium">Drop to attach</p>
          <p className="max-w-[44ch] px-4 text-center text-xs">{limitsInWords(limits)}</p>
        </div>
      )}
    </section>
  );
}
