import type { Message } from '@/api/message';
import { Button } from '@/components/Button';

import { hasFailed, tickOf } from './status';
import { useRetryMessage } from './useMessages';

/** Why a message did not arrive, in plain words, and what to do about it. */
export function FailureNote({ message }: { message: Message }) {
  const retry = useRetryMessage();
  if (message.status === 'unknown') {
    return (
      <p className="max-w-[min(560px,85%)] rounded-md bg-warn-soft px-3 py-2 text-warn">
        The provider has not said what became of this message. We are asking; it is not sent again
        until that is known.
      </p>
    );
  }
  if (!hasFailed(message.status)) return null;
  const { error } = message;
  const word = tickOf(message.status).word;
  const reason = error?.message ? `${word}: ${error.message}` : `${word}, without a reason given.`;
  const canRetry = error?.retryable ?? true;
  return (
    <div className="flex max-w-[min(560px,85%)] items-center gap-3 rounded-md bg-danger-soft px-3 py-2">
      <div className="min-w-0">
        <p className="text-danger">{reason}</p>
        {error?.remedy && <p className="text-ink-2">{error.remedy}</p>}
        {error?.providerCode && (
          <p className="text-xs text-ink-3">Provider code {error.providerCode}</p>
        )}
      </div>
      {canRetry && (
        <Button busy={retry.isPending} onClick={() => retry.mutate(message)}>
          Retry
        </Button>
      )}
    </div>
  );
}
