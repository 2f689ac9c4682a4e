import type { Channel } from '@/lib/channel';

import type { Attachment } from './attachment';
import { type Call, toCall } from './call';
import { request } from './client';
import type { Page } from './page';
import type { components } from './schema';

type Schemas = components['schemas'];

export type MessageStatus = Schemas['Message']['status'];
export type Direction = Schemas['Message']['direction'];

/** The states outside and inside the order; higher ranks win, whatever order the facts arrive in. */
export const statusRanks: Record<MessageStatus, number> = {
  scheduled: 5,
  queued: 10,
  sending: 20,
  unknown: 25,
  sent: 30,
  blocked: 36,
  canceled: 36,
  expired: 36,
  undelivered: 38,
  failed: 38,
  delivered: 40,
  opened: 50,
  read: 52,
  clicked: 55,
  bounced: 60,
  complained: 70,
  received: 100,
};

export interface Failure {
  code: string;
  providerCode: string;
  message: string;
  retryable: boolean;
  remedy: string;
}

export interface Message {
  id: string;
  conversationId: string;
  channel: Channel;
  direction: Direction;
  status: MessageStatus;
  from: string;
  to: string;
  subject: string;
  body: string;
  /** Sanitised, and only in a frame of its own. */
  hasHtml: boolean;
  hasRemoteImages: boolean;
  /** The body without the mail it quotes; empty when there is no difference. */
  replyBody: string;
  cc: string[];
  bcc: string[];
  fromName: string;
  /** True for mail no person wrote, such as an out-of-office note. */
  isAutomatic: boolean;
  segments: number;
  template?: TemplateUse;
  call?: Call;
  /** The message this one answers. */
  replyToId?: string;
  attachments: Attachment[];
  error?: Failure;
  attempt: number;
  createdAt: Date;
  updatedAt: Date;
}

export interface TemplateUse {
  id: string;
  language: string;
  parameters: Record<string, string>;
}

export interface JourneyStep {
  at: Date;
  step: string;
  detail: string;
}

export type OutgoingMessage = Schemas['Communication'];
export type OutgoingFile = Schemas['NewAttachment'];
export type Accepted = Schemas['Accepted'];
export type WireMessage = Schemas['Message'];

/** Reads a status from the wire. A word this page does not know yet is shown as not known, never as success. */
export function parseStatus(text: string): MessageStatus {
  return text in statusRanks ? (text as MessageStatus) : 'unknown';
}

/** Reads a message from the wire. */
export function toMessage(wire: WireMessage): Message {
  return {
    id: wire.id,
    conversationId: wire.conversationId,
    channel: wire.channel,
    direction: wire.direction,
    status: parseStatus(wire.status),
    from: wire.from,
    to: wire.to,
    subject: wire.subject ?? '',
    body: wire.body,
    hasHtml: (wire.html ?? '') !== '',
    hasRemoteImages: wire.hasRemoteImages ?? false,
    replyBody: wire.replyBody ?? '',
    cc: wire.cc ?? [],
    bcc: wire.bcc ?? [],
    fromName: wire.fromName ?? '',
    isAutomatic: wire.automatic ?? false,
    segments: wire.segments ?? 0,
    template: wire.template && {
      id: wire.template.id,
      language: wire.template.language ?? '',
      parameters: wire.template.parameters ?? {},
    },
    call: wire.call && toCall(wire.call),
    replyToId: wire.replyToId,
    attachments: wire.attachments,
    error: wire.error && {
      code: wire.error.code,
      providerCode: wire.error.providerCode ?? '',
      message: wire.error.message,
      retryable: wire.error.retryable,
      remedy: wire.error.remedy ?? '',
    },
    attempt: wire.attempt,
    createdAt: new Date(wire.createdAt),
    updatedAt: new Date(wire.updatedAt),
  };
}

/** Where the HTML of a mail is, with the pictures of other servers or without them. */
export function mailUrl(messageId: string, images: 'held' | 'shown'): string {
  return `/api/messages/${encodeURIComponent(messageId)}/html?images=${images}`;
}

/** One keyset page of a conversation, newest first. */
export async function listMessages(
  conversationId: string,
  cursor: string | undefined,
  signal?: AbortSignal,
): Promise<Page<Message>> {
  const path = `/api/conversations/${encodeURIComponent(conversationId)}/messages`;
  const page = await request<Page<WireMessage>>('GET', path, {
    query: { limit: 50, cursor },
    signal,
  });
  return { items: page.items.map(toMessage), nextCursor: page.nextCursor };
}

/** Every step of a message, oldest first. */
export async function getJourney(messageId: string, signal?: AbortSignal): Promise<JourneyStep[]> {
  const path = `/api/messages/${encodeURIComponent(messageId)}/journey`;
  const journey = await request<Schemas['Journey']>('GET', path, { signal });
  return journey.items.map((s) => ({ at: new Date(s.at), step: s.step, detail: s.detail ?? '' }));
}

/** Hands a message over for sending. The same key never sends twice. */
export function sendMessage(message: OutgoingMessage, idempotencyKey: string): Promise<Accepted> {
  return request<Accepted>('POST', '/api/communications', { body: message, idempotencyKey });
}

/** Asks for a failed message to be sent again. */
export async function retryMessage(messageId: string, idempotencyKey: string): Promise<void> {
  await request('POST', `/api/messages/${encodeURIComponent(messageId)}/retry`, { idempotencyKey });
}

/** What a person may say about a message whose outcome is unknown. */
export type Decision = Schemas['Resolution']['decision'];

/** Says what is to become of a message whose outcome is unknown, and answers with what it is now. */
export async function resolveMessage(
  messageId: string,
  decision: Decision,
  idempotencyKey: string,
): Promise<Message> {
  const path = `/api/messages/${encodeURIComponent(messageId)}/resolution`;
  return toMessage(
    await request<WireMessage>('POST', path, { body: { decision }, idempotencyKey }),
  );
}
