import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { CallSettings } from '@/api/call';
import { queryKeys } from '@/api/queryKey';
import { showPart } from '@/test/page';

import { CallsPage } from './CallsPage';

afterEach(() => vi.unstubAllGlobals());

const settings: CallSettings = {
  ringMode: 'parallel',
  ringSeconds: 20,
  agents: [
    { userId: 'u2', name: 'Sven', phone: '+14155550112' },
    { userId: 'u3', name: 'Ines', phone: '+14155550113' },
  ],
  record: false,
  announcement: '',
  voicemail: true,
  voicemailGreeting: '',
  language: '',
};

function show(role: 'owner' | 'agent') {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>((_url, init) =>
    Promise.resolve(new Response(init.body as string)),
  );
  vi.stubGlobal('fetch', fetch);
  const saved = () => JSON.parse(fetch.mock.calls[0]?.[1].body as string) as CallSettings;
  const known: [readonly string[], unknown][] = [
    [queryKeys.me, { user: { id: 'u1', name: 'Mara' }, role }],
    [queryKeys.callSettings, settings],
  ];
  return showPart(<CallsPage />, { known }).then((part) => ({ ...part, fetch, saved }));
}

test('one adds the own phone as one writes it, and it is saved as a number', async () => {
  const { fetch, saved } = await show('agent');
  await userEvent.click(screen.getByRole('button', { name: 'Add my phone' }));
  await userEvent.type(screen.getByLabelText('Phone of Mara'), '+1 415 555');
  expect(screen.getByRole('button', { name: 'Save' })).toBeEnabled();
  await userEvent.clear(screen.getByLabelText('Phone of Mara'));
  await userEvent.type(screen.getByLabelText('Phone of Mara'), '+1 (415) 555-0111');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(fetch).toHaveBeenCalledOnce());
  expect(fetch.mock.calls[0]?.[0]).toBe('/api/settings/calls');
  expect(saved().agents.at(-1)).toMatchObject({ userId: 'u1', phone: '+14155550111' });
});

test('an agent changes the own phone and nothing else', async () => {
  await show('agent');
  expect(screen.getByLabelText('Phone of Sven')).toBeDisabled();
  expect(screen.getByRole('switch', { name: 'Record calls' })).toBeDisabled();
  expect(screen.getByText(/Owners and admins change what follows/)).toBeInTheDocument();
});

test('the order in which phones ring can be changed', async () => {
  const { saved, fetch } = await show('owner');
  await userEvent.click(screen.getByRole('radio', { name: /One after the other/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Move Ines up' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(fetch).toHaveBeenCalledOnce());
  expect(saved().ringMode).toBe('in_turn');
  expect(saved().agents.map((a) => a.userId)).toEqual(['u3', 'u2']);
});

test('to record without telling anybody is warned of', async () => {
  await show('owner');
  await userEvent.click(screen.getByRole('switch', { name: 'Record calls' }));
  expect(screen.getByText(/recorded without anybody being told/)).toBeInTheDocument();
  await userEvent.type(screen.getByLabelText('Announcement'), 'This call is recorded.');
  expect(screen.queryByText(/recorded without anybody being told/)).toBeNull();
});
