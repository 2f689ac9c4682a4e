import { useQuery } from '@tanstack/react-query';

import { getJourney, type JourneyStep } from '@/api/message';
import { queryKeys } from '@/api/queryKey';
import { Dialog } from '@/components/Dialog';
import { EmptyState, ErrorState } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';

export interface JourneyDrawerProps {
  /** The message to tell about; undefined keeps the drawer shut. */
  messageId: string | undefined;
  onClose: () => void;
}

/** Every step a message has taken, from being accepted to what became of it. */
export function JourneyDrawer({ messageId, onClose }: JourneyDrawerProps) {
  return (
    <Dialog
      title="Journey"
      description="Every step of this message, as it happened."
      shape="drawer"
      open={messageId !== undefined}
      onClose={onClose}
    >
      {messageId !== undefined && <Journey messageId={messageId} />}
    </Dialog>
  );
}

function Journey({ messageId }: { messageId: string }) {
  const query = useQuery({
    queryKey: queryKeys.journey(messageId),
    queryFn: ({ signal }) => getJourney(messageId, signal),
  });
  if (query.isPending) {
    return (
      <div role="status" aria-label="Loading the journey" className="flex flex-col gap-4">
        <Skeleton className="h-4 w-2/3" />
        <Skeleton className="h-4 w-1/2" />
        <Skeleton className="h-4 w-3/5" />
      </div>
    );
  }
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data.length === 0) return <EmptyState title="No steps recorded yet" />;
  return (
    <ol aria-label="Steps">
      {query.data.map((step, i) => (
        <Step key={i} step={step} isLast={i === query.data.length - 1} />
      ))}
    </ol>
  );
}

function Step({ step, isLast }: { step: JourneyStep; isLast: boolean }) {
  return (
    <li className="relative flex gap-3 pb-4">
      {!isLast && (
        <span aria-hidden className="absolute top-3 bottom-0 left-[3.5px] w-px bg-line" />
      )}
      <span
        aria-hidden
        className={`relative mt-1.5 size-2 shrink-0 rounded-full ${isLast ? 'bg-accent' : 'bg-line-strong'}`}
      />
      <div className="min-w-0 flex-1">
        <div className="flex items-baseline justify-between gap-4">
          <span className="font-medium">{inWords(step.step)}</span>
          <time dateTime={step.at.toISOString()} className="text-xs text-ink-3 tabular-nums">
            {step.at.toLocaleTimeString(undefined, {
              hour: '2-digit',
              minute: '2-digit',
              second: '2-digit',
              fractionalSecondDigits: 3,
            })}
          </time>
        </div>
        {step.detail && <p className="break-words text-ink-2">{step.detail}</p>}
      </div>
    </li>
  );
}

function inWords(step: string): string {
  const words = step.replace(/[_-]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
