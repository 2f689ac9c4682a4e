import type { Conversation } from '@/api/conversation';
import type { Message } from '@/api/message';

/** A conversation of which a test sets only what it is about. */
export function aConversation(over: Partial<Conversation> = {}): Conversation {
  const at = new Date('2026-03-01T10:00:00Z');
  return {
    id: 'c1',
    channel: 'sms',
    status: 'active',
    subject: '',
    snippet: 'hello',
    contact: { id: 'p1', name: 'A Customer', address: '+14155550100' },
    isUnread: false,
    isStarred: false,
    labels: [],
    lastMessageAt: at,
    createdAt: at,
    updatedAt: at,
    ...over,
  };
}

/** A message of which a test sets only what it is about. */
export function aMessage(over: Partial<Message> = {}): Message {
  return {
    id: 'm1',
    conversationId: 'c1',
    channel: 'sms',
    direction: 'outbound',
    status: 'queued',
    from: '+15002000001',
    to: '+14155550100',
    subject: '',
    body: 'hello',
    hasHtml: false,
    attachments: [],
    attempt: 1,
    createdAt: new Date('2026-03-01T10:00:00Z'),
    ...over,
  };
}
