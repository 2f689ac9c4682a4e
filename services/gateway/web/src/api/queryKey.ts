import type { Channel } from '@/lib/channel';

import type { ConsentFilter } from './consent';
import type { ConversationFilter } from './conversation';

/** The names of everything in the query cache. */
export const queryKeys = {
  me: ['me'] as const,
  settings: ['settings'] as const,
  callSettings: ['call-settings'] as const,
  providers: ['providers'] as const,
  ownAccounts: ['own-accounts'] as const,
  templates: (channel: Channel) => ['templates', channel] as const,
  consents: (filter: ConsentFilter) => ['consents', filter] as const,
  usage: ['usage'] as const,
  billing: ['billing'] as const,
  invoices: ['invoices'] as const,
  apiKeys: ['api-keys'] as const,
  conversations: (filter: ConversationFilter) => ['conversations', filter] as const,
  conversation: (id: string) => ['conversation', id] as const,
  messages: (conversationId: string) => ['messages', conversationId] as const,
  journey: (messageId: string) => ['journey', messageId] as const,
};

/** The kinds of entries live changes apply to. */
export const liveKinds = ['conversations', 'conversation', 'messages', 'journey'] as const;
