import { expect, test } from 'vitest';

import type { CallState } from '@/api/call';
import type { ConversationFilter } from '@/api/conversation';
import type { Message, MessageStatus } from '@/api/message';
import { aConversation, aMessage } from '@/test/fixtures';

import { type ChangeEvent, type Entry, reduce } from './reducer';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 10, minute));

function received(over: Partial<Message>): ChangeEvent {
  return { type: 'message', seq: 1, verb: 'received', message: aMessage(over) };
}

function changed(over: Parameters<typeof aConversation>[0]): ChangeEvent {
  return { type: 'conversation', seq: 1, conversation: aConversation(over) };
}

function thread(...messages: Message[]): Extract<Entry, { kind: 'messages' }> {
  const data = { pages: [{ items: messages }], pageParams: [undefined] };
  return { kind: 'messages', conversationId: 'c1', data };
}

function list(ids: [string, number][], filter: ConversationFilter = {}, nextCursor?: string) {
  const items = ids.map(([id, minute]) => aConversation({ id, lastMessageAt: at(minute) }));
  const data = { pages: [{ items, nextCursor }], pageParams: [undefined] };
  return { kind: 'conversations' as const, filter, data };
}

const idsOf = (entry: { data: { pages: { items: { id: string }[] }[] } }) =>
  entry.data.pages.flatMap((p) => p.items.map((i) => i.id));

test('a new message joins its thread at its time, newest first', () => {
  const before = thread(
    aMessage({ id: 'm3', createdAt: at(3) }),
    aMessage({ id: 'm1', createdAt: at(1) }),
  );
  const after = reduce(before, received({ id: 'm2', createdAt: at(2) }));
  expect(idsOf(after)).toEqual(['m3', 'm2', 'm1']);
});

test('a message of another conversation changes nothing', () => {
  const before = thread(aMessage());
  expect(reduce(before, received({ id: 'm9', conversationId: 'c9' }))).toBe(before);
});

test('the same event twice is the same as once', () => {
  const event = received({ id: 'm2', createdAt: at(2) });
  const once = reduce(thread(aMessage()), event);
  expect(reduce(once, event)).toBe(once);
});

test('receipts in any order end in one status', () => {
  const facts: MessageStatus[] = ['sending', 'sent', 'delivered', 'read'];
  for (const order of permutations(facts)) {
    const end = order.reduce(
      (entry, status) => reduce(entry, received({ status })),
      thread(aMessage()),
    );
    expect(end.data.pages[0]?.items[0]?.status).toBe('read');
  }
});

test('a retry starts over from queued', () => {
  const before = thread(aMessage({ status: 'failed', attempt: 1 }));
  const after = reduce(before, received({ status: 'queued', attempt: 2 }));
  expect(after.data.pages[0]?.items[0]?.status).toBe('queued');
});

test('a message older than what is loaded comes with its own page', () => {
  const before = thread(aMessage({ id: 'm5', createdAt: at(5) }));
  before.data.pages = [{ items: before.data.pages[0]?.items ?? [], nextCursor: 'more' }];
  expect(reduce(before, received({ id: 'm1', createdAt: at(1) }))).toBe(before);
});

test('a conversation with a new message moves to the top', () => {
  const after = reduce(
    list([
      ['a', 9],
      ['b', 5],
    ]),
    changed({ id: 'b', lastMessageAt: at(12), snippet: 'new', updatedAt: at(12) }),
  );
  expect(idsOf(after)).toEqual(['b', 'a']);
});

test('an older state of a conversation does not win', () => {
  const before = list([['a', 9]]);
  const older = changed({ id: 'a', isStarred: true, updatedAt: new Date(0) });
  expect(reduce(before, older)).toBe(before);
});

test('a conversation that leaves the filter leaves the list', () => {
  const before = list([['a', 9]], { status: 'active' });
  expect(idsOf(reduce(before, changed({ id: 'a', status: 'closed' })))).toEqual([]);
});

test('a conversation that does not match is not listed', () => {
  const before = list([], { channel: 'email' });
  expect(reduce(before, changed({ id: 'a', channel: 'sms' }))).toBe(before);
});

test('one that is read under the unread filter stays until the list is loaded anew', () => {
  const before = list([['a', 9]], { unread: true });
  const after = reduce(before, changed({ id: 'a', isUnread: false, lastMessageAt: at(9) }));
  expect(idsOf(after)).toEqual(['a']);
});

test('a searched list takes no new rows', () => {
  const before = list([], { q: 'order' });
  expect(reduce(before, changed({ id: 'a' }))).toBe(before);
});

test('a conversation behind the last loaded page is not shown as its last', () => {
  const before = list([['a', 9]], {}, 'more');
  expect(reduce(before, changed({ id: 'z', lastMessageAt: at(1) }))).toBe(before);
});

test('the newest message shows in the row at once', () => {
  const before = list([['c1', 1]]);
  const after = reduce(before, received({ id: 'm7', body: 'fresh', createdAt: at(7) }));
  expect(after.data.pages[0]?.items[0]).toMatchObject({
    snippet: 'fresh',
    lastDirection: 'outbound',
    lastStatus: 'queued',
    lastMessageAt: at(7),
  });
});

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) =>
    permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]),
  );
}

const aCall = (state: CallState, over: Partial<Message> = {}) =>
  aMessage({
    channel: 'call',
    direction: 'inbound',
    status: 'received',
    body: '',
    call: { state, seconds: 0, transcript: '' },
    ...over,
  });

test('the states of a call in any order end in one, whatever its status says', () => {
  const facts: CallState[] = ['ringing', 'in_progress', 'completed'];
  for (const order of permutations(facts)) {
    const end = order.reduce(
      (entry, state) => reduce(entry, received(aCall(state))),
      thread(aCall('ringing')),
    );
    expect(end.data.pages[0]?.items[0]?.call?.state).toBe('completed');
  }
});

test('a recording that comes later joins its call, and an older fact takes nothing away', () => {
  const recording = { id: 'r', filename: 'r.wav', contentType: 'audio/wav', size: 1 };
  const over = aCall('voicemail', { updatedAt: at(1) });
  const recorded = aCall('voicemail', {
    updatedAt: at(2),
    call: { state: 'voicemail', seconds: 12, transcript: '', recording },
  });
  const after = reduce(thread(over), received(recorded));
  expect(after.data.pages[0]?.items[0]?.call?.recording).toEqual(recording);
  expect(reduce(after, received(over))).toBe(after);
});

test('the row of a call says how it goes', () => {
  const row = aConversation({ channel: 'call', lastMessageAt: at(0), snippet: 'Missed call' });
  const entry = { kind: 'conversation', id: 'c1', data: row } as const;
  const left = aCall('voicemail', {
    createdAt: at(0),
    call: { state: 'voicemail', seconds: 12, transcript: '' },
  });
  expect(reduce<Entry>(entry, received(left)).data).toMatchObject({ snippet: 'Voicemail, 0:12' });
});
