import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';

import { getMe } from '@/api/account';
import { getCallSettings } from '@/api/call';
import { newKey } from '@/api/client';
import { type OutgoingMessage, sendMessage } from '@/api/message';
import { queryKeys } from '@/api/queryKey';
import { useOutbox } from '@/features/message/OutboxProvider';
import { useSettings } from '@/features/setting/useSettings';
import { isPhone } from '@/lib/address';

/** What the workspace does with calls. */
export function useCallSettings() {
  return useQuery({
    queryKey: queryKeys.callSettings,
    queryFn: ({ signal }) => getCallSettings(signal),
    staleTime: 60_000,
  });
}

/** Who is logged in. */
export function useMe() {
  return useQuery({ queryKey: queryKeys.me, queryFn: ({ signal }) => getMe(signal) }).data;
}

/** True when the workspace can call an address. */
export function useCanCall(address: string): boolean {
  const from = useSettings().data?.channels.find((c) => c.channel === 'call')?.from ?? '';
  return from !== '' && isPhone(address);
}

/** The name of a user, as far as the page knows it. */
export function useAgentName(userId: string | undefined): string {
  const me = useMe();
  const agents = useCallSettings().data?.agents;
  if (userId === undefined) return '';
  if (userId === me?.user?.id) return 'You';
  return agents?.find((a) => a.userId === userId)?.name ?? 'A colleague';
}

/** Places a call and opens its conversation. One key a press: a lost answer, repeated, is the same call. */
export function useCall(to: string, onCalled: () => void) {
  const navigate = useNavigate();
  const outbox = useOutbox();
  const attempt = useRef({ key: '', agentId: '' });
  return useMutation({
    mutationFn: async (agentId: string) => {
      if (attempt.current.agentId !== agentId) attempt.current = { key: newKey(), agentId };
      const message: OutgoingMessage = { channel: 'call', to, agentId };
      return { message, accepted: await sendMessage(message, attempt.current.key) };
    },
    onSuccess: async ({ message, accepted }) => {
      outbox.adopt(message, accepted);
      onCalled();
      const params = { tab: 'all', conversationId: accepted.conversationId };
      await navigate({ to: '/inbox/$tab/$conversationId', params, search: {} });
    },
  });
}
