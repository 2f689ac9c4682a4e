import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';

import { newKey } from '@/api/client';
import { type OutgoingMessage, sendMessage } from '@/api/message';

import type { SentFile } from './outbox';
import { useOutbox } from './OutboxProvider';

export interface NewMessage {
  message: OutgoingMessage;
  files?: readonly SentFile[];
}

/** Sends the first message to somebody and opens its conversation. */
export function useNewMessage(onSent: () => void) {
  const navigate = useNavigate();
  const outbox = useOutbox();
  // One key for one text: pressing Send again after a lost answer is the same message, a changed text is another.
  const attempt = useRef({ key: '', text: '' });
  return useMutation({
    mutationFn: ({ message }: NewMessage) => {
      const text = JSON.stringify(message);
      if (attempt.current.text !== text) attempt.current = { key: newKey(), text };
      return sendMessage(message, attempt.current.key);
    },
    onSuccess: async (accepted, { message, files }) => {
      outbox.adopt(message, accepted, files);
      onSent();
      const params = { tab: 'all', conversationId: accepted.conversationId };
      await navigate({ to: '/inbox/$tab/$conversationId', params, search: {} });
    },
  });
}
