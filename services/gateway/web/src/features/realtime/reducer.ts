import type { InfiniteData } from '@tanstack/react-query';

import { callRanks } from '@/api/call';
import type { Conversation, ConversationFilter } from '@/api/conversation';
import { type Message, statusRanks } from '@/api/message';
import type { Page } from '@/api/page';
import type { RealtimeEvent } from '@/api/realtime';
import { snippetOf } from '@/features/message/snippet';

export type ChangeEvent = Extract<RealtimeEvent, { type: 'conversation' | 'message' }>;
export type ConversationPages = InfiniteData<Page<Conversation>, string | undefined>;
export type MessagePages = InfiniteData<Page<Message>, string | undefined>;

/** The one query of the page an event may change, with what it holds now. */
export type Entry =
  | { kind: 'conversations'; filter: ConversationFilter; data: ConversationPages }
  | { kind: 'conversation'; id: string; data: Conversation }
  | { kind: 'messages'; conversationId: string; data: MessagePages };

/**
 * Applies one committed fact to one entry of the query cache. It is pure, and it runs twice harmlessly: an event that
 * was applied before, or is older than what is there, gives back the same entry.
 */
export function reduce<E extends Entry>(entry: E, event: ChangeEvent): E {
  switch (entry.kind) {
    case 'conversations':
      return withData(entry, reduceList(entry.data, entry.filter, event));
    case 'conversation':
      return withData(entry, reduceConversation(entry.data, event));
    case 'messages':
      return withData(entry, reduceMessages(entry.data, entry.conversationId, event));
  }
}

function withData<E extends Entry>(entry: E, data: E['data']): E {
  return data === entry.data ? entry : { ...entry, data };
}

function reduceConversation(current: Conversation, event: ChangeEvent): Conversation {
  if (event.type === 'message') return withMessage(current, event.message);
  const next = event.conversation;
  return next.id === current.id && next.updatedAt >= current.updatedAt ? next : current;
}

// The store tells of the conversation too; this only spares the row the wait between the two facts.
function withMessage(current: Conversation, message: Message): Conversation {
  if (message.conversationId !== current.id || message.createdAt < current.lastMessageAt) {
    return current;
  }
  const isSameMessage = message.createdAt.getTime() === current.lastMessageAt.getTime();
  const isCallNews = message.call !== undefined && snippetOf(message) !== current.snippet;
  if (isSameMessage && !isCallNews && !supersedes(message, current)) return current;
  return {
    ...current,
    snippet: isSameMessage && !message.call ? current.snippet : snippetOf(message),
    lastDirection: message.direction,
    lastStatus: message.status,
    lastMessageAt: message.createdAt,
  };
}

function supersedes(message: Message, current: Conversation): boolean {
  if (!current.lastStatus) return true;
  if (message.attempt > 1) return message.status !== current.lastStatus;
  return statusRanks[message.status] > statusRanks[current.lastStatus];
}

function reduceList(
  data: ConversationPages,
  filter: ConversationFilter,
  event: ChangeEvent,
): ConversationPages {
  const id = event.type === 'message' ? event.message.conversationId : event.conversation.id;
  const all = data.pages.flatMap((p) => p.items);
  const current = all.find((c) => c.id === id);
  const next = current
    ? reduceConversation(current, event)
    : event.type === 'conversation'
      ? event.conversation
      : undefined;
  if (!next || next === current) return data;
  const isListed = current ? keeps(filter, next) : admits(filter, next);
  const rest = current ? all.filter((c) => c.id !== id) : all;
  const items = isListed ? insert(rest, next, hasMore(data)) : rest;
  return items === all ? data : repage(data, items);
}

// Whether a free text matches is for the server to say, so a searched list only changes in place.
function admits(filter: ConversationFilter, c: Conversation): boolean {
  return (
    !filter.q &&
    keeps(filter, c) &&
    (!filter.unread || c.isUnread) &&
    (!filter.starred || c.isStarred)
  );
}

// A row read under the "unread" filter stays until the list is loaded anew: nothing vanishes under the cursor.
function keeps(filter: ConversationFilter, c: Conversation): boolean {
  return (
    (!filter.channel || filter.channel === c.channel) &&
    (!filter.status || filter.status === c.status)
  );
}

// Newest first. One that belongs behind the last loaded page comes with that page.
function insert(rest: Conversation[], next: Conversation, more: boolean): Conversation[] {
  const at = rest.findIndex((c) => isNewer(next, c));
  if (at >= 0) return [...rest.slice(0, at), next, ...rest.slice(at)];
  return more ? rest : [...rest, next];
}

function isNewer(a: Conversation, b: Conversation): boolean {
  const difference = a.lastMessageAt.getTime() - b.lastMessageAt.getTime();
  return difference > 0 || (difference === 0 && a.id > b.id);
}

function reduceMessages(
  data: MessagePages,
  conversationId: string,
  event: ChangeEvent,
): MessagePages {
  if (event.type !== 'message' || event.message.conversationId !== conversationId) return data;
  const next = event.message;
  const all = data.pages.flatMap((p) => p.items);
  const at = all.findIndex((m) => m.id === next.id);
  const current = all[at];
  if (current) {
    if (!isNewerFact(next, current)) return data;
    return repage(data, all.with(at, next));
  }
  const before = all.findIndex((m) => m.createdAt <= next.createdAt);
  if (before >= 0) return repage(data, [...all.slice(0, before), next, ...all.slice(before)]);
  return hasMore(data) ? data : repage(data, [...all, next]);
}

// A call changes its state, and files and segments become known, while the status stays what it was.
function isNewerFact(next: Message, current: Message): boolean {
  const difference = orderOf(next) - orderOf(current) || callRankOf(next) - callRankOf(current);
  return difference > 0 || (difference === 0 && next.updatedAt > current.updatedAt);
}

function callRankOf({ call }: Message): number {
  return call ? callRanks[call.state] : 0;
}

// A retry starts a new attempt; within one, the rank of the status decides, never the time of arrival.
function orderOf(message: Message): number {
  return message.attempt * 1000 + statusRanks[message.status];
}

function hasMore<T>(data: InfiniteData<Page<T>, string | undefined>): boolean {
  return data.pages.at(-1)?.nextCursor !== undefined;
}

// Pages keep their cursors and their lengths; what was added goes to the first page, what was taken leaves the last.
function repage<T, D extends InfiniteData<Page<T>, string | undefined>>(data: D, items: T[]): D {
  const held = data.pages.reduce((sum, p) => sum + p.items.length, 0);
  let from = 0;
  const pages = data.pages.map((page, i) => {
    const isLast = i === data.pages.length - 1;
    const size = page.items.length + (i === 0 ? items.length - held : 0);
    const to = isLast ? items.length : Math.max(from, from + size);
    const slice = items.slice(from, to);
    from = to;
    return { ...page, items: slice };
  });
  return { ...data, pages };
}
