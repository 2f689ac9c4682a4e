import { useMutation, useQueryClient } from '@tanstack/react-query';

import { type ConsentChange, setConsent } from '@/api/consent';
import type { Conversation } from '@/api/conversation';
import { useLiveCache } from '@/features/realtime/LiveCacheProvider';

/** Lets messages to an address through or stops them; the open conversation shows it at once. */
export function useSetConsent(conversation?: Conversation) {
  const cache = useLiveCache();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ConsentChange) => setConsent(change),
    onSuccess: async (consent) => {
      if (conversation) {
        cache.patch({ type: 'conversation', seq: 0, conversation: { ...conversation, consent } });
      }
      await client.invalidateQueries({ queryKey: ['consents'] });
    },
  });
}
