import { ArrowDown } from 'lucide-react';
import { Fragment, useCallback, useEffect, useMemo, useRef, useState } from 'react';

import type { Conversation } from '@/api/conversation';
import { ProblemError } from '@/api/problem';
import { EmptyState, ErrorState } from '@/components/Notice';
import { readableAddress } from '@/lib/address';
import { dayName, isSameDay } from '@/lib/time';
import { useNow } from '@/lib/useNow';

import { JourneyDrawer } from './JourneyDrawer';
import { MessageItem } from './MessageItem';
import { MessagesSkeleton } from './ThreadSkeleton';
import { useMessages } from './useMessages';
import { WaitingItem } from './WaitingItem';

/**
 * What was said. The box is laid out from its bottom edge: it opens at the newest message and stays there, and older
 * pages that load above move nothing.
 */
export function Thread({ conversation }: { conversation: Conversation }) {
  const { query, messages, waiting } = useMessages(conversation.id);
  const scroller = useRef<HTMLDivElement>(null);
  const [journeyOf, setJourneyOf] = useState<string>();
  const [isAway, setIsAway] = useState(false);
  const now = useNow();
  const byId = useMemo(() => new Map(messages.map((m) => [m.id, m])), [messages]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const loadOlder = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  // Nothing is returned: in newer browsers scrollTo answers a promise, which an effect would take for its clean-up.
  const latest = useCallback(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, []);
  // What one sends oneself is always shown.
  useEffect(latest, [waiting.length, latest]);

  if (query.isPending && waiting.length === 0) return <MessagesSkeleton />;
  const isStarting = query.error instanceof ProblemError && query.error.status === 404;
  if (query.isError && messages.length === 0 && !isStarting) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  const { contact } = conversation;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto"
        tabIndex={0}
        role="region"
        aria-label="Messages"
        onScroll={(e) => setIsAway(e.currentTarget.scrollTop < -160)}
      >
        <div className="pt-4 pb-2">
          {hasNextPage && <OlderSentinel scroller={scroller} onSeen={loadOlder} />}
          {messages.length + waiting.length === 0 && (
            <EmptyState title="No messages yet">Write the first one below.</EmptyState>
          )}
          <ol aria-label={`Messages with ${contact.name || readableAddress(contact.address)}`}>
            {messages.map((message, i) => (
              <Fragment key={message.id}>
                {startsDay(message.createdAt, messages[i - 1]?.createdAt) && (
                  <DayLine name={dayName(message.createdAt, now)} />
                )}
                <MessageItem
                  message={message}
                  sender={contact.name || readableAddress(contact.address)}
                  name={contact.name}
                  answers={byId.get(message.replyToId ?? '')}
                  onJourney={setJourneyOf}
                />
              </Fragment>
            ))}
            {waiting.map((entry) => (
              <WaitingItem key={entry.key} entry={entry} />
            ))}
          </ol>
        </div>
      </div>
      {isAway && (
        <button
          type="button"
          onClick={latest}
          className="absolute bottom-3 left-1/2 flex h-8 -translate-x-1/2 animate-appear items-center gap-2 rounded-full border border-line bg-raised px-3 text-xs font-medium shadow-pop"
        >
          <ArrowDown aria-hidden className="size-3.5" />
          Jump to latest
        </button>
      )}
      <JourneyDrawer messageId={journeyOf} onClose={() => setJourneyOf(undefined)} />
    </div>
  );
}

function startsDay(at: Date, before: Date | undefined): boolean {
  return before === undefined || !isSameDay(before, at);
}

function DayLine({ name }: { name: string }) {
  return (
    <li className="flex items-center gap-4 px-4 py-2 text-xs text-ink-3">
      <span aria-hidden className="h-px flex-1 bg-line" />
      {name}
      <span aria-hidden className="h-px flex-1 bg-line" />
    </li>
  );
}

interface OlderSentinelProps {
  scroller: React.RefObject<HTMLDivElement | null>;
  onSeen: () => void;
}

// Stands above the oldest message; when it comes near, the page before is loaded.
function OlderSentinel({ scroller, onSeen }: OlderSentinelProps) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = mark.current;
    if (!element) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some((e) => e.isIntersecting) && onSeen(),
      { root: scroller.current, rootMargin: '600px 0px 0px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, onSeen]);
  return (
    <div ref={mark} role="status" className="py-2 text-center text-xs text-ink-3">
      Loading older messages…
    </div>
  );
}
