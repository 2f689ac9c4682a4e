import { screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { queryKeys } from '@/api/queryKey';
import { aChannel, aConversation, aMessage, aWireMessage } from '@/test/fixtures';
import { showPart } from '@/test/page';

import { ConversationPage } from './ConversationPage';

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  Element.prototype.scrollTo = () => undefined;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const conversation = aConversation({
  contact: { id: 'p1', name: 'Ana', address: '+14155550100' },
});
const messages = { items: [aMessage({ body: 'what was said' })] };

/** Shows the page as it is after it has loaded; from then on the server answers what the test says. */
async function showLoaded(answer: () => Promise<Response>) {
  const fetch = vi.fn<(url: string) => Promise<Response>>(() => answer());
  vi.stubGlobal('fetch', fetch);
  const shown = await showPart(<ConversationPage />, {
    at: '/inbox/all/c1',
    known: [
      [queryKeys.conversation('c1'), conversation],
      [queryKeys.messages('c1'), { pages: [messages], pageParams: [undefined] }],
      [queryKeys.settings, { channels: [aChannel()] }],
    ],
  });
  const reload = async () => {
    shown.cache.reload();
    await waitFor(() => {
      const asked = fetch.mock.calls.map(([url]) => url);
      expect(asked).toContain('/api/conversations/c1');
      expect(asked.some((url) => url.startsWith('/api/conversations/c1/messages'))).toBe(true);
    });
  };
  const state = () => shown.cache.client.getQueryState(queryKeys.conversation('c1'));
  return { ...shown, reload, state };
}

function expectWhatWasThere() {
  expect(screen.getByRole('region', { name: 'Conversation with Ana' })).toBeInTheDocument();
  expect(screen.getByText('what was said')).toBeInTheDocument();
  expect(screen.getByRole('textbox', { name: 'Message' })).toBeInTheDocument();
  expect(screen.queryByRole('alert')).not.toBeInTheDocument();
}

test('what was loaded stays while it is loaded anew', async () => {
  const { reload, state } = await showLoaded(() => new Promise(() => undefined));
  expectWhatWasThere();
  await reload();
  expect(state()?.fetchStatus).toBe('fetching');
  expectWhatWasThere();
});

const failures: [string, () => Promise<Response>][] = [
  ['the server has an outage', () => Promise.resolve(new Response('{}', { status: 503 }))],
  ['the server refuses', () => Promise.resolve(new Response('{}', { status: 403 }))],
  ['the network is away', () => Promise.reject(new TypeError('failed to fetch'))],
];

test.each(failures)(
  'what was loaded stays when loading it anew fails: %s',
  async (_name, answer) => {
    const { reload, state } = await showLoaded(answer);
    await reload();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state()?.status).toBe('error');
    expectWhatWasThere();
  },
);

test('a conversation that was just started stays between what was sent and what the server tells', async () => {
  const fetch = vi.fn((url: string) => {
    const isList = url.startsWith('/api/conversations/c1/messages');
    const page = { items: [aWireMessage({ body: 'the first word' })] };
    return Promise.resolve(
      isList ? Response.json(page) : Response.json({ code: 'not_found' }, { status: 404 }),
    );
  });
  vi.stubGlobal('fetch', fetch);
  const { outbox } = await showPart(<ConversationPage />, {
    at: '/inbox/all/c1',
    known: [[queryKeys.settings, { channels: [aChannel()] }]],
    before: (outbox) =>
      outbox.adopt(
        { channel: 'sms', to: '+14155550100', body: 'the first word' },
        { id: 'm1', conversationId: 'c1', status: 'queued' },
      ),
  });
  await waitFor(() => expect(outbox.entries()).toHaveLength(0));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(
    screen.getByRole('region', { name: 'Conversation with +14155550100' }),
  ).toBeInTheDocument();
  expect(screen.getByText('the first word')).toBeInTheDocument();
});
