import type { Message } from '@/api/message';

import { snippetOf } from './snippet';

/** The message this one answers; pressing it leads there. */
export function ReplyQuote({ to, sender }: { to: Message; sender: string }) {
  function show() {
    const item = document.getElementById(messageElementId(to.id));
    item?.scrollIntoView({ block: 'center', behavior: 'smooth' });
    item?.focus({ preventScroll: true });
  }

  return (
    <button
      type="button"
      onClick={show}
      aria-label={`Answers: ${snippetOf(to)}. Show it`}
      className="block w-full max-w-full rounded border-l-2 border-accent bg-surface px-2 py-1 text-left text-xs text-ink-2 hover:text-ink"
    >
      <span className="block font-medium">{to.direction === 'outbound' ? 'You' : sender}</span>
      <span className="line-clamp-2 break-words">{snippetOf(to) || 'No text'}</span>
    </button>
  );
}

/** The name of the element a message is shown in. */
export function messageElementId(messageId: string): string {
  return `message-${messageId}`;
}
