import type { Conversation } from '@/api/conversation';
import type { Message, WireMessage } from '@/api/message';
import type { ChannelSetting, Limits } from '@/api/setting';
import type { Template } from '@/api/template';

/** The limits of a channel that has none. */
export const noLimits: Limits = {
  maxFiles: 0,
  maxFileBytes: 0,
  maxTotalBytes: 0,
  fileTypes: [],
  maxBody: 0,
  maxRecipients: 0,
};

/** A channel of the settings of which a test sets only what it is about. */
export function aChannel(over: Partial<ChannelSetting> = {}): ChannelSetting {
  return {
    channel: 'sms',
    mode: 'platform',
    provider: 'example',
    from: '+15002000001',
    sandbox: false,
    limits: noLimits,
    hasTemplates: false,
    isExperimental: false,
    ...over,
  };
}

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
    hasWindow: false,
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
    hasRemoteImages: false,
    replyBody: '',
    cc: [],
    bcc: [],
    fromName: '',
    isAutomatic: false,
    segments: 0,
    attachments: [],
    attempt: 1,
    createdAt: new Date('2026-03-01T10:00:00Z'),
    updatedAt: new Date('2026-03-01T10:00:00Z'),
    ...over,
  };
}

/** A message as the server writes it, of which a test sets only what it is about. */
export function aWireMessage(over: Partial<WireMessage> = {}): WireMessage {
  const at = '2026-03-01T10:00:00Z';
  return {
    id: 'm1',
    conversationId: 'c1',
    channel: 'sms',
    direction: 'outbound',
    status: 'queued',
    from: '+15002000001',
    to: '+14155550100',
    body: 'hello',
    attachments: [],
    attempt: 1,
    createdAt: at,
    updatedAt: at,
    ...over,
  };
}

/** A template of which a test sets only what it is about. */
export function aTemplate(over: Partial<Template> = {}): Template {
  return {
    id: 'order_ready',
    title: 'Order ready',
    language: 'en_US',
    category: 'UTILITY',
    status: 'approved',
    body: 'Hello {{1}}, your order {{2}} is ready.',
    parameters: [
      { name: '1', example: 'Ana' },
      { name: '2', example: '20881' },
    ],
    ...over,
  };
}
