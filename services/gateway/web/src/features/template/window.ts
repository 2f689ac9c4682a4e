import type { Conversation } from '@/api/conversation';

/** True when the customer has not written for so long that only a template may be sent. */
export function isWindowClosed(
  conversation: Pick<Conversation, 'hasWindow' | 'windowExpiresAt'>,
  now: Date,
): boolean {
  const { hasWindow, windowExpiresAt } = conversation;
  return hasWindow && (windowExpiresAt === undefined || windowExpiresAt <= now);
}
