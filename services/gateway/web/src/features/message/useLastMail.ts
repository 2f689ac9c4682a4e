import { type InfiniteData, useInfiniteQuery } from '@tanstack/react-query';

import { listMessages, type Message } from '@/api/message';
import type { Page } from '@/api/page';
import { queryKeys } from '@/api/queryKey';

/** The newest mail of a conversation as far as the thread has loaded it; it asks for nothing by itself. */
export function useLastMail(conversationId: string): Message | undefined {
  return useInfiniteQuery({
    queryKey: queryKeys.messages(conversationId),
    queryFn: ({ pageParam, signal }) => listMessages(conversationId, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    enabled: false,
    select: newestMail,
  }).data;
}

function newestMail(data: InfiniteData<Page<Message>>): Message | undefined {
  return data.pages.flatMap((p) => p.items).find((m) => !m.isAutomatic);
}
