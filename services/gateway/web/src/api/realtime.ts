import { toConversation, type Conversation, type WireConversation } from './conversation';
import { toMessage, type Message, type WireMessage } from './message';

/** What the live connection tells the page. */
export type RealtimeEvent =
  /** resumed is true when the changes since the last connection follow. */
  | { type: 'hello'; seq: number; resumed: boolean }
  | { type: 'conversation'; seq: number; conversation: Conversation }
  | { type: 'message'; seq: number; verb: string; message: Message }
  | { type: 'reload' };

export type ConnectionState = 'connecting' | 'online' | 'offline';

/** The parts of WebSocket the connection uses. */
export interface Socket {
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  close(): void;
}

export interface RealtimeOptions {
  onEvent: (event: RealtimeEvent) => void;
  onState: (state: ConnectionState) => void;
  open?: (url: string) => Socket;
  delay?: (attempt: number) => number;
}

interface WireFrame {
  type?: string;
  seq?: number;
  verb?: string;
  conversation?: WireConversation;
  message?: WireMessage;
}

const longestDelay = 15_000;

/** Half a second, doubling, with jitter so that a thousand pages do not come back in the same instant. */
export function backoff(attempt: number): number {
  const full = Math.min(longestDelay, 500 * 2 ** attempt);
  return full / 2 + (Math.random() * full) / 2;
}

/** Reads one frame; undefined for one this page does not know, which a newer server may send. */
export function parseFrame(text: string): RealtimeEvent | undefined {
  const frame = JSON.parse(text) as WireFrame;
  if (frame.type === 'reload') return { type: 'reload' };
  if (typeof frame.seq !== 'number') return undefined;
  if (frame.type === 'hello') return { type: 'hello', seq: frame.seq, resumed: false };
  if (frame.type !== 'change') return undefined;
  if (frame.conversation) {
    const conversation = toConversation(frame.conversation);
    return { type: 'conversation', seq: frame.seq, conversation };
  }
  if (frame.message) {
    const message = toMessage(frame.message);
    return { type: 'message', seq: frame.seq, verb: frame.verb ?? '', message };
  }
  return undefined;
}

/** Keeps a live connection open until stop is called, resuming after the last sequence that was seen. */
export function connectRealtime(options: RealtimeOptions): { stop: () => void } {
  const open = options.open ?? ((url: string): Socket => new WebSocket(url));
  const delay = options.delay ?? backoff;
  let last: number | undefined;
  let attempt = 0;
  let stopped = false;
  let socket: Socket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function receive(data: unknown, greeting: { seq?: number; resumed: boolean }): void {
    const event = read(data);
    if (event.type === 'ignored') return;
    if (event.type === 'hello') {
      attempt = 0;
      greeting.seq = event.seq;
      // A resumed connection still owes what lies between, so only a fresh one moves the cursor.
      last ??= event.seq;
      options.onState('online');
      options.onEvent({ ...event, resumed: greeting.resumed });
      return;
    }
    if (event.type === 'reload') {
      last = greeting.seq;
    } else {
      if (last !== undefined && event.seq <= last) return;
      last = event.seq;
    }
    options.onEvent(event);
  }

  function connect(): void {
    timer = undefined;
    const greeting = { resumed: last !== undefined };
    const current = open(realtimeUrl(last));
    socket = current;
    current.onmessage = (message) => receive(message.data, greeting);
    current.onclose = () => {
      if (socket === current) reconnect();
    };
  }

  function reconnect(): void {
    socket = undefined;
    if (stopped) return;
    options.onState('offline');
    timer = setTimeout(connect, delay(attempt));
    attempt += 1;
  }

  function networkIsBack(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    attempt = 0;
    connect();
  }

  // A dead network leaves a socket open for minutes; the browser knows sooner.
  function networkIsGone(): void {
    socket?.close();
  }

  options.onState('connecting');
  connect();
  globalThis.addEventListener('online', networkIsBack);
  globalThis.addEventListener('offline', networkIsGone);
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      globalThis.removeEventListener('online', networkIsBack);
      globalThis.removeEventListener('offline', networkIsGone);
      socket?.close();
    },
  };
}

// A frame that cannot be read may have carried anything, so the page loads everything again.
function read(data: unknown): RealtimeEvent | { type: 'ignored' } {
  try {
    return (typeof data === 'string' ? parseFrame(data) : undefined) ?? { type: 'ignored' };
  } catch {
    return { type: 'reload' };
  }
}

function realtimeUrl(after: number | undefined): string {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const query = after === undefined ? '' : `?after=${after}`;
  return `${scheme}//${location.host}/api/realtime${query}`;
}
