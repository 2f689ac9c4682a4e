import { expect, test, vi } from 'vitest';

import type { Accepted, OutgoingMessage } from '@/api/message';
import { NetworkError, problemFrom } from '@/api/problem';

import { createOutbox } from './outbox';

const message: OutgoingMessage = {
  channel: 'sms',
  to: '+14155550100',
  body: 'hello',
  conversationId: 'c1',
};
const accepted: Accepted = { id: 'm1', conversationId: 'c1', status: 'queued' };
const wait = () => Promise.resolve();

test('a lost answer is asked for again with the same key', async () => {
  const send = vi
    .fn<(m: OutgoingMessage, key: string) => Promise<Accepted>>()
    .mockRejectedValueOnce(new NetworkError('gone'))
    .mockResolvedValue(accepted);
  const outbox = createOutbox({ send, storage: localStorage, wait });
  await expect(outbox.send(message)).resolves.toEqual(accepted);
  expect(send).toHaveBeenCalledTimes(2);
  expect(send.mock.calls[0]?.[1]).toBe(send.mock.calls[1]?.[1]);
});

test('a refusal is not asked for again by itself, and resending keeps the key', async () => {
  const send = vi
    .fn<(m: OutgoingMessage, key: string) => Promise<Accepted>>()
    .mockRejectedValueOnce(problemFrom(422, { detail: 'This number is not valid.' }))
    .mockResolvedValue(accepted);
  const outbox = createOutbox({ send, storage: localStorage, wait });
  await expect(outbox.send(message)).rejects.toThrow('This number is not valid.');
  expect(send).toHaveBeenCalledOnce();
  const [entry] = outbox.entries();
  expect(entry).toMatchObject({ state: 'refused', reason: 'This number is not valid.' });
  outbox.resend(entry?.key ?? '');
  await vi.waitFor(() => expect(outbox.entries()[0]?.state).toBe('accepted'));
  expect(send.mock.calls[1]?.[1]).toBe(entry?.key);
});

test('messages of one conversation leave in the order written', async () => {
  const answers: (() => void)[] = [];
  const sent: string[] = [];
  const send = (m: OutgoingMessage) => {
    sent.push(m.body ?? '');
    return new Promise<Accepted>((done) => answers.push(() => done(accepted)));
  };
  const outbox = createOutbox({ send, storage: localStorage, wait });
  const first = outbox.send({ ...message, body: 'first' });
  const second = outbox.send({ ...message, body: 'second' });
  await vi.waitFor(() => expect(sent).toEqual(['first']));
  answers[0]?.();
  await first;
  await vi.waitFor(() => expect(sent).toEqual(['first', 'second']));
  answers[1]?.();
  await second;
});

test('what was not confirmed is there again after the page was closed, with its key', () => {
  const forever = () => new Promise<Accepted>(() => undefined);
  const before = createOutbox({ send: forever, storage: localStorage, wait });
  void before.send(message);
  const after = createOutbox({ send: forever, storage: localStorage, wait });
  expect(after.entries()).toMatchObject([
    { key: before.entries()[0]?.key, state: 'refused', message },
  ]);
});

test('what was accepted stays in sight until the server lists it, even when the page is closed', async () => {
  const send = () => Promise.resolve(accepted);
  await createOutbox({ send, storage: localStorage, wait }).send(message);
  const after = createOutbox({ send, storage: localStorage, wait });
  expect(after.entries()).toMatchObject([{ state: 'accepted', accepted: { id: 'm1' } }]);
  after.settle('m1');
  expect(createOutbox({ send, storage: localStorage, wait }).entries()).toEqual([]);
});
