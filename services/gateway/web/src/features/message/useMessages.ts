import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';

import { newKey } from '@/api/client';
import {
  type Decision,
  listMessages,
  type Message,
  resolveMessage,
  retryMessage,
} from '@/api/message';
import { ProblemError, sentenceOf } from '@/api/problem';
import { queryKeys } from '@/api/queryKey';
import { useToast } from '@/components/Toast';
import { useLiveCache } from '@/features/realtime/LiveCacheProvider';

import type { OutboxEntry } from './outbox';
import { useOutbox, useOutboxEntries } from './OutboxProvider';

/** The messages of a conversation, oldest first, and what is on its way to join them. */
export function useMessages(conversationId: string) {
  const outbox = useOutbox();
  const entries = useOutboxEntries(conversationId);
  const query = useInfiniteQuery({
    queryKey: queryKeys.messages(conversationId),
    queryFn: ({ pageParam, signal }) => listMessages(conversationId, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    retry: (failures, error) =>
      failures < 2 && !(error instanceof ProblemError && error.status < 500),
  });
  const messages = useMemo(
    () => query.data?.pages.flatMap((p) => p.items).toReversed() ?? [],
    [query.data],
  );
  const arrived = useMemo(() => new Set(messages.map((m) => m.id)), [messages]);

  useEffect(() => {
    for (const entry of entries) {
      if (entry.accepted && hasArrived(entry, arrived)) outbox.settle(entry.accepted.id);
    }
  }, [entries, arrived, outbox]);

  const waiting = useMemo(() => entries.filter((e) => !hasArrived(e, arrived)), [entries, arrived]);
  return { query, messages, waiting };
}

function hasArrived(entry: OutboxEntry, arrived: Set<string>): boolean {
  return entry.accepted !== undefined && arrived.has(entry.accepted.id);
}

/** Sends a failed message again. The key names the attempt, so pressing twice is one retry. */
export function useRetryMessage() {
  const cache = useLiveCache();
  const toast = useToast();
  return useMutation({
    mutationFn: (message: Message) =>
      retryMessage(message.id, `retry-${message.id}-${message.attempt}`),
    onSuccess: (_accepted, message) => {
      const again = {
        ...message,
        attempt: message.attempt + 1,
        status: 'queued',
        error: undefined,
        updatedAt: new Date(),
      };
      cache.patch({ type: 'message', seq: 0, verb: 'updated', message: again as Message });
    },
    onError: (error) => toast(sentenceOf(error)),
  });
}

/** Takes a person's word on an unknown outcome. Deciding twice is deciding once; asking can be repeated. */
export function useResolveMessage(message: Message) {
  const { id, attempt } = message;
  const cache = useLiveCache();
  const toast = useToast();
  return useMutation({
    mutationFn: (decision: Decision) =>
      resolveMessage(id, decision, decision === 'ask' ? newKey() : `${decision}-${id}-${attempt}`),
    onSuccess: (resolved, decision) => {
      cache.patch({ type: 'message', seq: 0, verb: 'updated', message: resolved });
      if (decision === 'arrived') toast('Marked as arrived. The journey says by whom.');
    },
  });
}
