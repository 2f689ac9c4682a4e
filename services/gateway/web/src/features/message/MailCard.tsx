import { Bot } from 'lucide-react';
import { useState } from 'react';

import type { Message } from '@/api/message';
import { AttachmentList } from '@/features/file/AttachmentList';
import { classes } from '@/lib/classes';

import { MailFrame } from './MailFrame';
import { MessageText } from './MessageText';

/** A mail: who it is from and to, and what it says, without the mails it quotes until they are asked for. */
export function MailCard({ message }: { message: Message }) {
  const { subject, isAutomatic } = message;
  return (
    <article
      className={classes(
        'w-full max-w-[640px] overflow-hidden rounded-lg border border-line',
        message.direction === 'outbound' ? 'bg-accent-soft' : 'bg-raised',
      )}
    >
      <header className="border-b border-line px-4 py-2">
        <div className="flex items-start gap-2">
          <h2 className="min-w-0 flex-1 font-medium break-words">{subject || 'No subject'}</h2>
          {isAutomatic && (
            <span
              title="No person wrote this mail: it answers by itself, such as an out-of-office note."
              className="inline-flex shrink-0 items-center gap-1 rounded-full bg-sunken px-2 text-xs text-ink-2"
            >
              <Bot aria-hidden className="size-3.5" />
              Automatic
            </span>
          )}
        </div>
        <p className="truncate text-xs text-ink-2">
          {message.fromName ? `${message.fromName} · ` : ''}
          {message.from} → {message.to}
        </p>
        <Copies word="Cc" addresses={message.cc} />
        <Copies word="Bcc" addresses={message.bcc} />
      </header>
      <MailContent message={message} />
    </article>
  );
}

function Copies({ word, addresses }: { word: string; addresses: string[] }) {
  if (addresses.length === 0) return null;
  return (
    <p className="text-xs break-words text-ink-2">
      <span className="text-ink-3">{word}</span> {addresses.join(', ')}
    </p>
  );
}

function MailContent({ message }: { message: Message }) {
  const [isWhole, setIsWhole] = useState(false);
  const { text, hasMore } = newPart(message);
  const showsHtml = message.hasHtml && (isWhole || !hasMore);
  // What stands in the HTML need not stand below it once more.
  const files = message.attachments.filter((a) => !showsHtml || !a.contentId);
  return (
    <div className="flex flex-col items-start gap-3 px-4 py-3">
      {showsHtml ? (
        <MailFrame message={message} />
      ) : (
        <PlainText text={isWhole ? message.body : text} />
      )}
      {hasMore && (
        <button
          type="button"
          aria-expanded={isWhole}
          aria-label={isWhole ? 'Hide quoted text' : 'Show quoted text'}
          title={isWhole ? 'Hide quoted text' : 'Show quoted text'}
          onClick={() => setIsWhole(!isWhole)}
          className="h-5 rounded-full bg-sunken px-3 leading-none font-semibold text-ink-2 hover:text-ink"
        >
          …
        </button>
      )}
      <AttachmentList messageId={message.id} attachments={files} />
    </div>
  );
}

function PlainText({ text }: { text: string }) {
  if (text.trim() === '') return <p className="text-ink-2">This mail has no text.</p>;
  return <MessageText text={text} />;
}

/** What was written, and whether the mail has more than that. */
function newPart({ body, replyBody }: Message): { text: string; hasMore: boolean } {
  const text = replyBody.trim() === '' ? body : replyBody;
  return { text, hasMore: text.trim() !== body.trim() };
}
