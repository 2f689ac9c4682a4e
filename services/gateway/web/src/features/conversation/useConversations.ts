import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';

import {
  type Conversation,
  type ConversationFilter,
  type ConversationPatch,
  getConversation,
  listConversations,
  updateConversation,
} from '@/api/conversation';
import { ProblemError, sentenceOf } from '@/api/problem';
import { queryKeys } from '@/api/queryKey';
import { useToast } from '@/components/Toast';
import { useLiveCache } from '@/features/realtime/LiveCacheProvider';

/** The inbox under a filter, page by page. */
export function useConversations(filter: ConversationFilter) {
  return useInfiniteQuery({
    queryKey: queryKeys.conversations(filter),
    queryFn: ({ pageParam, signal }) => listConversations(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
  });
}

/**
 * One conversation. One that was just started may be accepted before it can be read, so while isStarting the answer
 * that it does not exist is asked for again.
 */
export function useConversation(id: string, isStarting: boolean) {
  return useQuery({
    queryKey: queryKeys.conversation(id),
    queryFn: ({ signal }) => getConversation(id, signal),
    retry: (failures, error) =>
      isNotFound(error) ? isStarting && failures < 60 : failures < 2 && !isRefusal(error),
    retryDelay: (failures) => (failures < 10 ? 300 : 2000),
  });
}

/** True for the answer that something does not exist. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 404;
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProblemError && error.status < 500;
}

/** Changes a conversation: the page shows it at once, and takes it back when the server refuses. */
export function useUpdateConversation() {
  const cache = useLiveCache();
  const toast = useToast();
  const show = (conversation: Conversation) =>
    cache.patch({ type: 'conversation', seq: 0, conversation });
  return useMutation({
    mutationFn: ({
      conversation,
      patch,
    }: {
      conversation: Conversation;
      patch: ConversationPatch;
    }) => updateConversation(conversation.id, patch),
    onMutate: ({ conversation, patch }) => show({ ...conversation, ...patch }),
    onSuccess: show,
    onError: (error) => {
      toast(sentenceOf(error));
      cache.reload();
    },
  });
}
