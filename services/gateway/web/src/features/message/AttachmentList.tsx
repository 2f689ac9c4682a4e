import { Paperclip, TriangleAlert } from 'lucide-react';

import type { Message } from '@/api/message';

const reasons: Record<string, string> = {
  too_large: 'too large to keep',
  too_many: 'one file too many to keep',
  type_refused: 'of a type that is not kept',
  address_refused: 'at an address that is not fetched from',
  unavailable: 'the provider did not hand it out',
};

const chip = 'flex items-center gap-1 rounded border border-line px-2 py-1';

/** The files of a message: what is there can be downloaded, what is not says why. */
export function AttachmentList({ message }: { message: Message }) {
  if (message.attachments.length === 0) return null;
  return (
    <ul aria-label="Attachments" className="flex flex-wrap gap-2 text-xs text-ink-2">
      {message.attachments.map((attachment) => (
        <li key={attachment.id}>
          {attachment.missingReason === undefined ? (
            <a
              className={`${chip} hover:text-ink`}
              href={`/api/messages/${message.id}/attachments/${encodeURIComponent(attachment.id)}`}
              download={attachment.filename}
            >
              <Paperclip aria-hidden className="size-3" />
              {attachment.filename}
            </a>
          ) : (
            <span className={chip}>
              <TriangleAlert aria-hidden className="size-3" />
              {attachment.filename}: {reasons[attachment.missingReason] ?? 'not there'}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
