import type { Message } from '@/api/message';
import { Button } from '@/components/Button';
import { asSentence } from '@/lib/sentence';

import { RemedyAction } from './RemedyAction';
import { hasFailed, tickOf } from './status';
import { UnknownNote } from './UnknownNote';
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
