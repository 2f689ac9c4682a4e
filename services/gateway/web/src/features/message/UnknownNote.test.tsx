import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import { aMessage, aWireMessage } from '@/test/fixtures';
import { showPart } from '@/test/page';

import { FailureNote } from './FailureNote';

afterEach(() => vi.unstubAllGlobals());

function answering(status: number, body: unknown) {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>(() =>
    Promise.resolve(new Response(JSON.stringify(body), { status })),
  );
  vi.stubGlobal('fetch', fetch);
  const decisions = () => fetch.mock.calls.map(([url, init]) => [url, init.body]);
  const keys = () =>
    fetch.mock.calls.map(([, init]) => new Headers(init.headers).get('Idempotency-Key'));
  return { decisions, keys };
}

const decided = (decision: string) => ['/api/messages/m1/resolution', JSON.stringify({ decision })];
const unknown = () => <FailureNote message={aMessage({ status: 'unknown' })} />;
const press = (name: string) => userEvent.click(screen.getByRole('button', { name }));

test('the provider can be asked as often as one likes, and what it does not know is said', async () => {
  const { decisions, keys } = answering(202, aWireMessage({ status: 'unknown' }));
  await showPart(unknown());
  await press('Ask the provider');
  expect(await screen.findByText(/was asked just now, and does not know/)).toBeInTheDocument();
  await press('Ask the provider');
  await waitFor(() => expect(decisions()).toEqual([decided('ask'), decided('ask')]));
  expect(new Set(keys()).size).toBe(2);
});

test('a person may say that it arrived', async () => {
  const { decisions, keys } = answering(202, aWireMessage({ status: 'sent' }));
  await showPart(unknown());
  await press('It arrived');
  expect(await screen.findByText(/Marked as arrived/)).toBeInTheDocument();
  expect(decisions()).toEqual([decided('arrived')]);
  expect(keys()).toEqual(['arrived-m1-1']);
});

test('it is sent again only by a person who knows that it may arrive twice', async () => {
  const { decisions } = answering(202, aWireMessage({ status: 'queued', attempt: 2 }));
  await showPart(unknown());
  expect(screen.queryByRole('button', { name: 'Retry' })).toBeNull();
  await press('Send again…');
  expect(screen.getByText(/gets it twice/)).toBeInTheDocument();
  expect(decisions()).toEqual([]);
  await press('Send again');
  await waitFor(() => expect(decisions()).toEqual([decided('send_again')]));
});

test('one who decides after somebody else is told so', async () => {
  const detail = 'Somebody has just decided about this message.';
  answering(409, { code: 'conflict', detail });
  await showPart(unknown());
  await press('It arrived');
  expect(await screen.findByText(detail)).toBeInTheDocument();
});
