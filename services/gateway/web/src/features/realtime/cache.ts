import { type Query, QueryCache, QueryClient } from '@tanstack/react-query';

import type { Conversation, ConversationFilter } from '@/api/conversation';
import { ProblemError } from '@/api/problem';
import { liveKinds, queryKeys } from '@/api/queryKey';

import {
  type ChangeEvent,
  type ConversationPages,
  type Entry,
  type MessagePages,
  reduce,
} from './reducer';

/** The query cache, and the way changes enter it. */
export interface LiveCache {
  client: QueryClient;
  /** Applies one change to every entry it concerns. */
  patch: (event: ChangeEvent) => void;
  /** Fetches everything live anew: the page was away for longer than the changes reach back. */
  reload: () => void;
}

/** Makes the query cache. */
export function createCache(): LiveCache {
  // A change that arrives while its query is being fetched may be missing from the answer: such a query is fetched
  // once more.
  const behind = new Set<string>();
  const cache = new QueryCache({
    onSuccess: (_data, query) => {
      if (!behind.delete(query.queryHash)) return;
      void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
    },
  });
  const client = new QueryClient({
    queryCache: cache,
    defaultOptions: {
      queries: {
        // Live changes keep what is there current; what was not watched is fetched again after a while.
        staleTime: 30_000,
        retry: (failures, error) =>
          failures < 2 && !(error instanceof ProblemError && error.status < 500),
      },
    },
  });
  return {
    client,
    patch: (event) => patch(client, behind, event),
    reload: () => {
      for (const kind of liveKinds) void client.invalidateQueries({ queryKey: [kind] });
    },
  };
}

function patch(client: QueryClient, behind: Set<string>, event: ChangeEvent): void {
  for (const query of client.getQueryCache().getAll()) {
    const isConcerned = concerns(query, event);
    if (isConcerned && query.state.fetchStatus === 'fetching') behind.add(query.queryHash);
    const entry = entryOf(query);
    if (!entry) {
      // It failed before, perhaps because the conversation did not exist yet.
      if (isConcerned) void client.invalidateQueries({ queryKey: query.queryKey, exact: true });
      continue;
    }
    const next = reduce(entry, event);
    if (next !== entry) client.setQueryData(query.queryKey, next.data);
  }
  if (event.type === 'message') {
    void client.invalidateQueries({ queryKey: queryKeys.journey(event.message.id) });
  }
}

function concerns(query: Query, event: ChangeEvent): boolean {
  const [kind, id] = query.queryKey;
  const conversationId =
    event.type === 'message' ? event.message.conversationId : event.conversation.id;
  if (kind === 'conversations') return event.type === 'conversation';
  return (kind === 'conversation' || kind === 'messages') && id === conversationId;
}

function entryOf(query: Query): Entry | undefined {
  const [kind, of] = query.queryKey;
  const data: unknown = query.state.data;
  if (data === undefined) return undefined;
  if (kind === 'conversations') {
    return { kind, filter: of as ConversationFilter, data: data as ConversationPages };
  }
  if (kind === 'conversation') return { kind, id: of as string, data: data as Conversation };
  if (kind === 'messages') {
    return { kind, conversationId: of as string, data: data as MessagePages };
  }
  return undefined;
}
