import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import {
  backoff,
  connectRealtime,
  type ConnectionState,
  type RealtimeEvent,
  type Socket,
} from './realtime';

class FakeSocket implements Socket {
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  constructor(readonly url: string) {}
  say(frame: unknown): void {
    this.onmessage?.(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }
  close(): void {
    this.onclose?.(new CloseEvent('close'));
  }
}

function setup() {
  const sockets: FakeSocket[] = [];
  const events: RealtimeEvent[] = [];
  const states: ConnectionState[] = [];
  const connection = connectRealtime({
    open: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket;
    },
    delay: () => 10,
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
  });
  const socket = (i: number) => {
    const found = sockets[i];
    if (!found) throw new Error(`socket ${i} was not opened`);
    return found;
  };
  return { sockets, socket, events, states, connection };
}

const change = (seq: number) => ({
  type: 'change',
  seq,
  entity: 'conversation',
  verb: 'updated',
  id: 'c1',
  conversation: {
    id: 'c1',
    channel: 'sms',
    status: 'active',
    snippet: '',
    contact: { id: 'p1', address: '+14155550100' },
    isUnread: true,
    isStarred: false,
    labels: [],
    tags: [],
    lastMessageAt: '2026-03-01T10:00:00Z',
    createdAt: '2026-03-01T10:00:00Z',
    updatedAt: '2026-03-01T10:00:00Z',
  },
});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a lost connection comes back and asks for what followed the last change', async () => {
  const { socket, states } = setup();
  socket(0).say({ type: 'hello', seq: 5 });
  socket(0).say(change(6));
  socket(0).close();
  expect(states.at(-1)).toBe('offline');
  await vi.advanceTimersByTimeAsync(10);
  expect(socket(1).url).toMatch(/\/api\/realtime\?after=6$/);
  socket(1).say({ type: 'hello', seq: 9 });
  expect(states.at(-1)).toBe('online');
});

test('a connection lost again before the owed changes came still asks for all of them', async () => {
  const { socket } = setup();
  socket(0).say({ type: 'hello', seq: 5 });
  socket(0).close();
  await vi.advanceTimersByTimeAsync(10);
  socket(1).say({ type: 'hello', seq: 9 });
  socket(1).close();
  await vi.advanceTimersByTimeAsync(10);
  expect(socket(2).url).toMatch(/after=5$/);
});

test('a change that was seen is not told twice', () => {
  const { socket, events } = setup();
  socket(0).say({ type: 'hello', seq: 5 });
  socket(0).say(change(6));
  socket(0).say(change(6));
  expect(events.filter((e) => e.type === 'conversation')).toHaveLength(1);
});

test('after being told to reload it goes on from the newest', async () => {
  const { socket, events } = setup();
  socket(0).say({ type: 'hello', seq: 50 });
  socket(0).say({ type: 'reload' });
  socket(0).close();
  await vi.advanceTimersByTimeAsync(10);
  expect(socket(1).url).toMatch(/after=50$/);
  expect(events.at(-1)).toEqual({ type: 'reload' });
});

test('a frame that cannot be read loads everything anew', () => {
  const { socket, events } = setup();
  socket(0).say({ type: 'hello', seq: 5 });
  socket(0).onmessage?.(new MessageEvent('message', { data: '{' }));
  expect(events.at(-1)).toEqual({ type: 'reload' });
});

test('a frame of a kind this page does not know is passed over', () => {
  const { socket, events } = setup();
  socket(0).say({ type: 'presence', seq: 6 });
  expect(events).toEqual([]);
});

test('a stopped connection stays closed', async () => {
  const { sockets, connection } = setup();
  connection.stop();
  await vi.advanceTimersByTimeAsync(1000);
  expect(sockets).toHaveLength(1);
});

test('the wait grows and has an end', () => {
  vi.spyOn(Math, 'random').mockReturnValue(1);
  expect([0, 1, 2, 20].map(backoff)).toEqual([500, 1000, 2000, 15_000]);
});
