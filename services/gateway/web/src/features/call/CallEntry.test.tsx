import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';

import type { Call } from '@/api/call';
import type { Direction, Failure, Message } from '@/api/message';
import { queryKeys } from '@/api/queryKey';
import { aChannel, aMessage } from '@/test/fixtures';
import { showPart } from '@/test/page';

import { CallEntry } from './CallEntry';

const recording = { id: 'r 1', filename: 'r.wav', contentType: 'audio/wav', size: 1 };

function show(over: Partial<Call>, direction: Direction = 'inbound', what: Partial<Message> = {}) {
  const call: Call = { state: 'completed', seconds: 0, transcript: '', ...over };
  const message = aMessage({
    channel: 'call',
    body: '',
    direction,
    call,
    ...what,
    ...(direction === 'inbound' ? { from: '+14155550100', to: '+15002000001' } : {}),
  });
  return showPart(<CallEntry message={message} call={call} name="Ana" />, {
    known: [
      [queryKeys.settings, { channels: [aChannel({ channel: 'call' })] }],
      [queryKeys.me, { user: { id: 'u1', name: 'Mara' }, role: 'owner' }],
      [queryKeys.callSettings, { agents: [{ userId: 'u2', name: 'Sven', phone: '+14155550111' }] }],
    ],
  });
}

test.each([
  ['inbound', 'no_answer', 'Missed call', 'missed'],
  ['inbound', 'ringing', 'Incoming call, ringing', 'ringing'],
  ['inbound', 'completed', 'Incoming call', 'in'],
  ['outbound', 'completed', 'Outgoing call', 'out'],
  ['outbound', 'busy', 'Outgoing call, busy', 'failed'],
  ['outbound', 'in_progress', 'Outgoing call, in progress', 'talking'],
] as const)(
  'a call that is %s and %s is told by "%s" and a shape',
  async (direction, state, title, shape) => {
    await show({ state }, direction);
    const entry = screen.getByRole('article', { name: title });
    expect(entry.querySelector('[data-shape]')).toHaveAttribute('data-shape', shape);
  },
);

const busy: Failure = {
  code: 'unreachable',
  providerCode: '',
  message: 'The line was busy.',
  retryable: true,
  remedy: 'Call again later.',
};

test('a call nobody took says why, what to do, and offers it', async () => {
  await show({ state: 'busy' }, 'outbound', { status: 'undelivered', error: busy });
  const entry = screen.getByRole('article', { name: 'Outgoing call, busy' });
  expect(entry).toHaveTextContent('The line was busy.');
  expect(entry).toHaveTextContent('Call again later.');
  expect(screen.getByRole('button', { name: 'Call again' })).toBeInTheDocument();
});

test('a call that was refused does not ring', async () => {
  const error = { ...busy, message: 'The number to ring is not a valid phone number.' };
  await show({ state: 'ringing' }, 'outbound', { status: 'failed', error });
  const entry = screen.getByRole('article', { name: 'Call not placed' });
  expect(entry).toHaveTextContent('not a valid phone number');
  expect(entry.querySelector('[data-shape]')).toHaveAttribute('data-shape', 'failed');
});

test('who talked and how long is told', async () => {
  await show({ agentId: 'u2', seconds: 185 });
  expect(screen.getByText('Sven · 3:05')).toBeInTheDocument();
});

test('a missed call can be called back', async () => {
  await show({ state: 'no_answer' });
  await userEvent.click(screen.getByRole('button', { name: 'Call back' }));
  expect(screen.getByRole('dialog', { name: 'Call Ana' })).toBeInTheDocument();
  expect(screen.getByLabelText('Your phone')).toBeInTheDocument();
});

test('a voicemail can be listened to and read', async () => {
  await show({ state: 'voicemail', seconds: 12, recording, transcript: 'Call me back' });
  expect(screen.getByRole('button', { name: 'Play Voicemail' })).toBeInTheDocument();
  expect(screen.getByRole('link', { name: 'Download Voicemail' })).toHaveAttribute(
    'href',
    '/api/messages/m1/attachments/r%201',
  );
  expect(screen.getByText('Call me back')).toBeInTheDocument();
});

test('a recording that is not there says why', async () => {
  await show({ recording: { ...recording, missingReason: 'unavailable' } });
  expect(screen.getByText(/the provider did not hand it out/)).toBeInTheDocument();
});
