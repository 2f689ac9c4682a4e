import { useState } from 'react';

import type { Message } from '@/api/message';
import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { asSentence } from '@/lib/sentence';

import { RemedyAction } from './RemedyAction';
import { hasFailed, tickOf } from './status';
import { useRetryMessage } from './useMessages';

const box =
  'flex max-w-[min(560px,85%)] flex-wrap items-center gap-x-3 gap-y-2 rounded-md px-3 py-2';

/** Why a message did not arrive, in plain words, and what to do about it. */
export function FailureNote({ message }: { message: Message }) {
  const retry = useRetryMessage();
  if (message.status === 'unknown') return <UnknownNote message={message} />;
  if (!hasFailed(message.status)) return null;
  const { error, call } = message;
  if (call) return null; // says so where it is shown
  const { word } = tickOf(message.status);
  const reason = error?.message
    ? `${word}: ${asSentence(error.message)}`
    : `${word}, without a reason given.`;
  const canRetry = error?.retryable ?? true;
  return (
    <div className={`${box} bg-danger-soft`}>
      <div className="min-w-0 flex-1 basis-48">
        <p className="text-danger">{reason}</p>
        {error?.remedy && <p className="text-ink-2">{error.remedy}</p>}
        {error?.providerCode && (
          <p className="text-xs text-ink-3">Provider code {error.providerCode}</p>
        )}
      </div>
      <RemedyAction message={message} />
      {canRetry && (
        <Button busy={retry.isPending} onClick={() => retry.mutate(message)}>
          Retry
        </Button>
      )}
    </div>
  );
}

// The message may be with the customer already, so only a person may decide to send it once more.
function UnknownNote({ message }: { message: Message }) {
  const [asks, setAsks] = useState(false);
  const retry = useRetryMessage();
  return (
    <div className={`${box} bg-warn-soft`}>
      <p className="min-w-0 flex-1 basis-48 text-warn">
        The provider has not said whether it took this message. We keep asking, and do not send it
        again by ourselves: it may have arrived.
      </p>
      <Button onClick={() => setAsks(true)}>Send again…</Button>
      <Dialog
        title="Send it again?"
        description="If the first one did arrive, the customer gets the message twice."
        open={asks}
        onClose={() => setAsks(false)}
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsks(false)}>Wait for the provider</Button>
          <Button
            kind="danger"
            busy={retry.isPending}
            onClick={() => retry.mutate(message, { onSettled: () => setAsks(false) })}
          >
            Send again
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
