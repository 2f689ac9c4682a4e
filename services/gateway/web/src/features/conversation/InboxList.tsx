import { useCallback, useMemo } from 'react';

import { Button } from '@/components/Button';
import { ErrorState } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import type { InboxTab } from '@/lib/channel';

import { ConversationList } from './ConversationList';
import { EmptyInbox } from './EmptyInbox';
import { type InboxSearch, toFilter } from './filter';
import { useConversations } from './useConversations';

export interface InboxListProps {
  tab: InboxTab;
  search: InboxSearch;
  selectedId?: string;
  onClear: (search: InboxSearch) => void;
}

/** The list in each of its states: loading, failed, empty, filled. */
export function InboxList({ tab, search, selectedId, onClear }: InboxListProps) {
  const filter = useMemo(() => toFilter(tab, search), [tab, search]);
  const query = useConversations(filter);
  const conversations = useMemo(
    () => query.data?.pages.flatMap((p) => p.items) ?? [],
    [query.data],
  );
  const { fetchNextPage, hasNextPage, isFetchingNextPage, isFetchNextPageError } = query;
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  if (query.isPending) return <ListSkeleton />;
  if (query.isError && conversations.length === 0) {
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  if (conversations.length === 0) {
    return <EmptyInbox tab={tab} search={search} onClear={() => onClear({})} />;
  }
  return (
    <>
      <ConversationList
        key={tab}
        conversations={conversations}
        tab={tab}
        selectedId={selectedId}
        hasMore={hasNextPage && !isFetchNextPageError}
        onEnd={loadMore}
      />
      {isFetchNextPageError && (
        <p role="alert" className="flex items-center gap-2 border-t border-line px-4 py-2">
          <span className="flex-1 text-ink-2">More could not be loaded.</span>
          <Button onClick={() => void fetchNextPage()}>Try again</Button>
        </p>
      )}
    </>
  );
}

function ListSkeleton() {
  return (
    <div role="status" aria-label="Loading conversations" className="flex-1 overflow-hidden">
      {Array.from({ length: 9 }, (_, i) => (
        <div key={i} className="flex h-16 items-center gap-3 border-b border-line px-4">
          <Skeleton className="size-9 rounded-full" />
          <div className="flex flex-1 flex-col gap-2">
            <Skeleton className="h-3 w-2/5" />
            <Skeleton className="h-3 w-4/5" />
          </div>
        </div>
      ))}
    </div>
  );
}
