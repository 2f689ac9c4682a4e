import type { Message } from '@/api/message';
import { classes } from '@/lib/classes';

import { AttachmentList } from './AttachmentList';
import { MessageText } from './MessageText';
import { splitQuote } from './quote';

/**
 * A mail. Its text part is shown and its HTML part is not: HTML comes with full e-mail, sanitised and in a frame of its
 * own.
 */
export function MailCard({ message }: { message: Message }) {
  const { text, quoted } = splitQuote(message.body);
  return (
    <article
      className={classes(
        'w-full max-w-[640px] rounded-lg border border-line',
        message.direction === 'outbound' ? 'bg-accent-soft' : 'bg-raised',
      )}
    >
      <header className="border-b border-line px-4 py-2">
        <h2 className="font-medium break-words">{message.subject || 'No subject'}</h2>
        <p className="truncate text-xs text-ink-2">
          {message.from} → {message.to}
        </p>
      </header>
      <div className="flex flex-col gap-2 px-4 py-3">
        {text.trim() === '' ? (
          <p className="text-ink-2">
            {message.hasHtml ? 'This mail has no text part to show.' : 'This mail is empty.'}
          </p>
        ) : (
          <MessageText text={text} />
        )}
        {quoted && (
          <details className="text-ink-2">
            <summary className="w-max text-xs hover:text-ink">Quoted text</summary>
            <MessageText text={quoted} />
          </details>
        )}
        <AttachmentList message={message} />
      </div>
    </article>
  );
}
