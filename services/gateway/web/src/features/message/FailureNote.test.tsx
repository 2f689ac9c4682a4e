import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import { aMessage } from '@/test/fixtures';
import { showPart } from '@/test/page';

import { FailureNote } from './FailureNote';

afterEach(() => vi.unstubAllGlobals());

const error = {
  code: 'invalid_recipient',
  providerCode: '21211',
  message: 'The number cannot receive texts.',
  retryable: true,
  remedy: 'Check the number with the customer.',
};

test('a failed message says why and what to do, and Retry asks once per attempt', async () => {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>(() =>
    Promise.resolve(new Response('{}', { status: 202 })),
  );
  vi.stubGlobal('fetch', fetch);
  await showPart(<FailureNote message={aMessage({ status: 'failed', error })} />);
  expect(screen.getByText('Failed: The number cannot receive texts.')).toBeInTheDocument();
  expect(screen.getByText('Check the number with the customer.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
  await waitFor(() => expect(fetch).toHaveBeenCalledOnce());
  const [url, init] = fetch.mock.calls[0] ?? [];
  expect(url).toBe('/api/messages/m1/retry');
  expect(new Headers(init?.headers).get('Idempotency-Key')).toBe('retry-m1-1');
});

test('a provider that gives no reason is not made up for', async () => {
  const message = aMessage({ status: 'undelivered', error: { ...error, message: '' } });
  await showPart(<FailureNote message={message} />);
  expect(screen.getByText('Not delivered, without a reason given.')).toBeInTheDocument();
});

test('what cannot be retried has no button', async () => {
  const message = aMessage({ status: 'failed', error: { ...error, retryable: false } });
  await showPart(<FailureNote message={message} />);
  expect(screen.queryByRole('button', { name: 'Retry' })).toBeNull();
});

test('a message after the window offers a template', async () => {
  const blocked = { ...error, code: 'window_closed', retryable: false };
  const { drafts } = await showPart(
    <FailureNote message={aMessage({ status: 'blocked', error: blocked })} />,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Send a template' }));
  expect(drafts.read('c1').template).toBeDefined();
});

test.each(['opted_out', 'suppressed'])(
  'a message that was %s asks why to allow it',
  async (code) => {
    const blocked = { ...error, code, retryable: false };
    await showPart(<FailureNote message={aMessage({ status: 'blocked', error: blocked })} />);
    await userEvent.click(screen.getByRole('button', { name: 'Allow again…' }));
    expect(screen.getByRole('dialog', { name: 'Allow messages again?' })).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Allow again' })).toBeDisabled();
  },
);

test('a refused file brings the text back to the composer', async () => {
  const refused = { ...error, code: 'file_refused', retryable: false };
  const { drafts } = await showPart(
    <FailureNote message={aMessage({ status: 'failed', body: 'see this', error: refused })} />,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Attach again' }));
  expect(drafts.read('c1').body).toBe('see this');
});
