import type { Channel } from '@/lib/channel';

import { request } from './client';
import { type Consent, toConsent } from './consent';
import { type Direction, type MessageStatus, parseStatus } from './message';
import type { Page } from './page';
import type { components } from './schema';

type Schemas = components['schemas'];

export const conversationStatuses = ['active', 'closed', 'archived', 'spam'] as const;
export type ConversationStatus = (typeof conversationStatuses)[number];

export interface Contact {
  id: string;
  name: string;
  address: string;
}

export interface Conversation {
  id: string;
  channel: Channel;
  status: ConversationStatus;
  subject: string;
  snippet: string;
  contact: Contact;
  isUnread: boolean;
  isStarred: boolean;
  labels: string[];
  lastMessageAt: Date;
  lastDirection?: Direction;
  lastStatus?: MessageStatus;
  /** What the address wants; left out while nothing is known. */
  consent?: Consent;
  /** True where free-form messages are only taken for a while after the customer wrote. */
  hasWindow: boolean;
  /** When that ends; left out when the customer never wrote. */
  windowExpiresAt?: Date;
  /** The conversation this one split off from. */
  linkedConversationId?: string;
  createdAt: Date;
  updatedAt: Date;
}

export interface ConversationFilter {
  channel?: Channel;
  status?: ConversationStatus;
  unread?: boolean;
  starred?: boolean;
  q?: string;
}

export interface ConversationPatch {
  status?: ConversationStatus;
  isUnread?: boolean;
  isStarred?: boolean;
}

export type WireConversation = Schemas['Conversation'];

/** Reads a conversation from the wire. */
export function toConversation(wire: WireConversation): Conversation {
  return {
    id: wire.id,
    channel: wire.channel,
    status: wire.status,
    subject: wire.subject ?? '',
    snippet: wire.snippet,
    contact: { id: wire.contact.id, name: wire.contact.name ?? '', address: wire.contact.address },
    isUnread: wire.isUnread,
    isStarred: wire.isStarred,
    labels: wire.labels,
    lastMessageAt: new Date(wire.lastMessageAt),
    lastDirection: wire.lastDirection,
    lastStatus: wire.lastStatus ? parseStatus(wire.lastStatus) : undefined,
    consent: wire.consent && toConsent(wire.consent),
    hasWindow: wire.hasWindow,
    windowExpiresAt: wire.windowExpiresAt ? new Date(wire.windowExpiresAt) : undefined,
    linkedConversationId: wire.linkedConversationId,
    createdAt: new Date(wire.createdAt),
    updatedAt: new Date(wire.updatedAt),
  };
}

/** One keyset page of the inbox, newest first. */
export async function listConversations(
  filter: ConversationFilter,
  cursor: string | undefined,
  signal?: AbortSignal,
): Promise<Page<Conversation>> {
  const page = await request<Page<WireConversation>>('GET', '/api/conversations', {
    query: { ...filter, limit: 50, cursor },
    signal,
  });
  return { items: page.items.map(toConversation), nextCursor: page.nextCursor };
}

/** One conversation. */
export async function getConversation(id: string, signal?: AbortSignal): Promise<Conversation> {
  return toConversation(
    await request<WireConversation>('GET', `/api/conversations/${encodeURIComponent(id)}`, {
      signal,
    }),
  );
}

/** Changes a conversation and answers with its new state. */
export async function updateConversation(
  id: string,
  patch: ConversationPatch,
): Promise<Conversation> {
  return toConversation(
    await request<WireConversation>('PATCH', `/api/conversations/${encodeURIComponent(id)}`, {
      body: patch,
    }),
  );
}
