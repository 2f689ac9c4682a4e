import { Button } from '@/components/Button';

import { DeliveryTick } from './DeliveryTick';
import { bubble } from './MessageItem';
import { MessageText } from './MessageText';
import type { OutboxEntry } from './outbox';
import { useOutbox } from './OutboxProvider';

/** A message the server has not listed yet. */
export function WaitingItem({ entry }: { entry: OutboxEntry }) {
  const outbox = useOutbox();
  const { message, state, key } = entry;
  return (
    <li className="flex flex-col items-end gap-1 px-4 py-1.5">
      <span className="sr-only">You wrote:</span>
      <div className={bubble(true)}>
        {message.subject && <p className="font-medium">{message.subject}</p>}
        <MessageText text={message.body} />
      </div>
      {state === 'refused' ? (
        <div
          role="alert"
          className="flex max-w-[min(560px,85%)] items-center gap-2 rounded-md bg-danger-soft px-3 py-2"
        >
          <p className="min-w-0 text-danger">Not sent. {entry.reason}</p>
          <Button onClick={() => outbox.resend(key)}>Resend</Button>
          <Button kind="ghost" onClick={() => outbox.discard(key)}>
            Discard
          </Button>
        </div>
      ) : (
        <div className="flex h-5 items-center text-xs text-ink-3">
          <DeliveryTick status={state === 'accepted' ? 'queued' : 'sending'} />
        </div>
      )}
    </li>
  );
}
