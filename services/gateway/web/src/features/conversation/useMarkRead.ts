import { useEffect, useRef } from 'react';

import type { Conversation } from '@/api/conversation';

import { useUpdateConversation } from './useConversations';

/** Marks an open conversation as read, while somebody can see it: on opening, and again for each new message. */
export function useMarkRead(conversation: Conversation | undefined): void {
  const { mutate } = useUpdateConversation();
  // One try for each newest message, so that a server that refuses is not asked over and over.
  const tried = useRef('');

  useEffect(() => {
    function markIfSeen() {
      if (!conversation?.isUnread || document.visibilityState !== 'visible') return;
      const version = conversation.lastMessageAt.toISOString();
      if (tried.current === version) return;
      tried.current = version;
      mutate({ conversation, patch: { isUnread: false } });
    }
    markIfSeen();
    document.addEventListener('visibilitychange', markIfSeen);
    return () => document.removeEventListener('visibilitychange', markIfSeen);
  }, [conversation, mutate]);
}
