import { newKey } from '@/api/client';
import type { Accepted, OutgoingMessage } from '@/api/message';
import { NetworkError, ProblemError, sentenceOf } from '@/api/problem';

/** A message on its way to the server: shown in the thread until the server's own copy is there. */
export interface OutboxEntry {
  /** The idempotency key: however often this entry is sent, the customer gets one message. */
  key: string;
  message: OutgoingMessage;
  /** The files of the message, for showing it. */
  files?: SentFile[];
  state: 'sending' | 'accepted' | 'refused';
  reason?: string;
  /** Set once accepted. */
  accepted?: Accepted;
  createdAt: Date;
}

/** A file of a message on its way, as far as it is shown. */
export interface SentFile {
  filename: string;
  contentType: string;
  size: number;
  thumbnail?: string;
}

export interface Outbox {
  subscribe: (listener: () => void) => () => void;
  entries: () => readonly OutboxEntry[];
  /** Queues a message and sends it; resolves when it is accepted, and rejects when it is refused. */
  send: (message: OutgoingMessage, files?: readonly SentFile[]) => Promise<Accepted>;
  /** Shows a message that was accepted elsewhere, until the server's own copy is there. */
  adopt: (message: OutgoingMessage, accepted: Accepted, files?: readonly SentFile[]) => void;
  resend: (key: string) => void;
  discard: (key: string) => void;
  /** Forgets the entry of a message that the server lists by now. */
  settle: (messageId: string) => void;
  clear: () => void;
}

export interface OutboxOptions {
  send: (message: OutgoingMessage, key: string) => Promise<Accepted>;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  wait?: (milliseconds: number) => Promise<void>;
}

const storageKey = 'conversations.outbox';
const tries = 3;
// Long enough for a database to be away; after that the server's list is believed.
const longestMemory = 24 * 60 * 60 * 1000;

/** Makes the outbox. What was not confirmed when the page was closed is there again when it opens. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { storage } = options;
  const wait = options.wait ?? ((ms: number) => new Promise<void>((done) => setTimeout(done, ms)));
  const listeners = new Set<() => void>();
  // The last send of each conversation: the next one waits for it, so that messages leave in the order written.
  const tails = new Map<string, Promise<unknown>>();
  let entries: readonly OutboxEntry[] = restore(storage);

  function replace(next: readonly OutboxEntry[]): void {
    entries = next;
    keep();
    listeners.forEach((listener) => listener());
  }

  // A full storage must not keep a message from leaving; without room it is remembered as long as the page lives.
  function keep(): void {
    try {
      if (entries.length === 0) storage.removeItem(storageKey);
      else storage.setItem(storageKey, JSON.stringify(entries));
    } catch {
      storage.removeItem(storageKey);
    }
  }

  function change(key: string, patch: Partial<OutboxEntry>): void {
    replace(entries.map((e) => (e.key === key ? { ...e, ...patch } : e)));
  }

  async function deliver(entry: OutboxEntry): Promise<Accepted> {
    const lane = entry.message.conversationId ?? entry.key;
    const turn = (tails.get(lane) ?? Promise.resolve()).then(() => attempt(entry));
    tails.set(
      lane,
      turn.catch(() => undefined),
    );
    try {
      const accepted = await turn;
      change(entry.key, { state: 'accepted', accepted });
      return accepted;
    } catch (error) {
      change(entry.key, { state: 'refused', reason: sentenceOf(error) });
      throw error;
    }
  }

  async function attempt(entry: OutboxEntry): Promise<Accepted> {
    for (let tried = 1; ; tried += 1) {
      try {
        return await options.send(entry.message, entry.key);
      } catch (error) {
        if (tried >= tries || !isPassing(error)) throw error;
        await wait(pauseBefore(error, tried));
      }
    }
  }

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    entries: () => entries,
    send: (message, files = []) => {
      const entry: OutboxEntry = {
        key: newKey(),
        message,
        files: files.map(shown),
        state: 'sending',
        createdAt: new Date(),
      };
      replace([...entries, entry]);
      return deliver(entry);
    },
    adopt: (message, accepted, files = []) => {
      const entry = { message, files: files.map(shown), state: 'accepted' as const, accepted };
      replace([...entries, { key: newKey(), ...entry, createdAt: new Date() }]);
    },
    resend: (key) => {
      const entry = entries.find((e) => e.key === key && e.state === 'refused');
      if (!entry) return;
      change(key, { state: 'sending', reason: undefined });
      deliver(entry).catch(() => undefined);
    },
    discard: (key) => replace(entries.filter((e) => e.key !== key)),
    settle: (messageId) => {
      const rest = entries.filter((e) => e.accepted?.id !== messageId);
      if (rest.length !== entries.length) replace(rest);
    },
    clear: () => replace([]),
  };
}

function shown({ filename, contentType, size, thumbnail }: SentFile): SentFile {
  return { filename, contentType, size, thumbnail };
}

function isPassing(error: unknown): boolean {
  if (error instanceof NetworkError) return true;
  return error instanceof ProblemError && (error.status === 429 || error.status >= 500);
}

function pauseBefore(error: unknown, tried: number): number {
  const asked = error instanceof ProblemError ? error.retryAfterSeconds : undefined;
  return asked === undefined ? 1000 * 2 ** (tried - 1) : Math.min(asked, 30) * 1000;
}

const interrupted = 'The page was closed before the server answered. Resending is safe.';

function restore(storage: OutboxOptions['storage']): OutboxEntry[] {
  try {
    const stored = JSON.parse(storage.getItem(storageKey) ?? '[]') as (OutboxEntry & {
      createdAt: string;
    })[];
    return stored
      .map((e) => ({ ...e, createdAt: new Date(e.createdAt) }))
      .filter((e) => e.state !== 'accepted' || Date.now() - e.createdAt.getTime() < longestMemory)
      .map((e) => (e.state === 'sending' ? { ...e, state: 'refused', reason: interrupted } : e));
  } catch {
    return [];
  }
}
