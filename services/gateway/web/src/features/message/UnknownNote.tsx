import { useState } from 'react';

import type { Message } from '@/api/message';
import { sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';

import { useResolveMessage } from './useMessages';

/** What a person can do about an outcome that nobody knows: the message may be with the customer already. */
export function UnknownNote({ message }: { message: Message }) {
  const [asks, setAsks] = useState(false);
  const resolve = useResolveMessage(message);
  const pending = resolve.isPending ? resolve.variables : undefined;
  const wasAsked = resolve.isSuccess && resolve.variables === 'ask';
  const news = wasAsked
    ? 'The provider was asked just now, and does not know.'
    : resolve.isError && sentenceOf(resolve.error);
  return (
    <div
      role="group"
      aria-label="Outcome unknown"
      className="flex max-w-[min(560px,85%)] flex-col gap-2 rounded-md bg-warn-soft px-3 py-2"
    >
      <p className="text-warn">
        The provider has not said whether it took this {message.call ? 'call' : 'message'}. It may
        have arrived, so it is not sent again unless somebody decides so.
      </p>
      <p role="status" className="text-ink-2 empty:hidden">
        {news}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          busy={pending === 'ask'}
          disabled={resolve.isPending}
          onClick={() => resolve.mutate('ask')}
        >
          Ask the provider
        </Button>
        <Button
          busy={pending === 'arrived'}
          disabled={resolve.isPending}
          onClick={() => resolve.mutate('arrived')}
        >
          It arrived
        </Button>
        <Button disabled={resolve.isPending} onClick={() => setAsks(true)}>
          Send again…
        </Button>
      </div>
      <Dialog
        title="Send it again?"
        description="If the first one did arrive, the customer gets it twice. The journey of the message keeps that you decided it."
        open={asks}
        onClose={() => setAsks(false)}
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsks(false)}>Cancel</Button>
          <Button
            kind="danger"
            busy={pending === 'send_again'}
            onClick={() => resolve.mutate('send_again', { onSettled: () => setAsks(false) })}
          >
            Send again
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
