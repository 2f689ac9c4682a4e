import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import type { AccountTested, OwnAccount, ProviderForms } from '@/api/ownAccount';
import { queryKeys } from '@/api/queryKey';
import type { ChannelSetting } from '@/api/setting';
import { showPart } from '@/test/page';

import { AccountDialog } from './AccountDialog';

afterEach(() => vi.unstubAllGlobals());

const setting = { channel: 'sms', mode: 'platform', provider: 'phones' } as ChannelSetting;

const providers: ProviderForms = {
  ownAccounts: true,
  items: [
    {
      name: 'lines',
      title: 'Lines',
      channels: ['sms', 'call'],
      experimental: [],
      fields: [
        {
          name: 'account',
          label: 'Account',
          help: 'On the first page.',
          secret: false,
          required: true,
        },
        { name: 'token', label: 'Token', help: '', secret: true, required: true },
      ],
    },
    { name: 'mails', title: 'Mails', channels: ['email'], experimental: [], fields: [] },
  ],
};

const saved: OwnAccount = {
  provider: 'lines',
  state: 'tested',
  values: { account: 'AC1' },
  secrets: [{ field: 'token', last4: '6789', fingerprint: 'f1' }],
  webhookUrl: 'https://hooks.example.com/api/webhooks/lines/t',
  updatedAt: '2026-03-04T05:06:07Z',
};

const unverified: AccountTested = {
  verdict: 'sender_unverified',
  keyValid: true,
  canSend: false,
  canReceive: true,
  senderVerified: false,
  detail: 'This number is not verified.',
};

function show(
  accounts: OwnAccount[],
  answers: Record<string, [number, unknown]>,
  forms = providers,
) {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>((url, init) => {
    const [status, body] = answers[`${init.method ?? 'GET'} ${url}`] ?? [200, { items: accounts }];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  vi.stubGlobal('fetch', fetch);
  const known: [readonly string[], unknown][] = [
    [queryKeys.providers, forms],
    [queryKeys.ownAccounts, accounts],
  ];
  const sent = (method: string) =>
    fetch.mock.calls
      .filter(([, init]) => init.method === method)
      .map(([, init]) => JSON.parse(init.body as string) as Record<string, unknown>);
  return showPart(<AccountDialog setting={setting} open onClose={vi.fn()} />, { known }).then(
    () => ({ sent }),
  );
}

test('a saved secret is not told, and stays when nothing is typed', async () => {
  const { sent } = await show([saved], {
    'PUT /api/settings/communications': [200, { channel: 'sms', mode: 'byoc', provider: 'lines' }],
  });
  await userEvent.click(screen.getByRole('radio', { name: /Your own account/ }));
  expect(screen.getByLabelText('Token')).toHaveValue('');
  expect(screen.getByLabelText('Token')).toHaveAttribute('placeholder', 'Saved, ends in 6789');
  expect(screen.getByLabelText('Account')).toHaveValue('AC1');
  expect(screen.getByLabelText('Webhook address')).toHaveValue(saved.webhookUrl);
  expect(screen.queryByRole('option', { name: 'Mails' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent('PUT')).toHaveLength(1));
  expect(sent('PUT')[0]).toEqual({
    channel: 'sms',
    mode: 'byoc',
    provider: 'lines',
    credential: {},
  });
});

test('what the provider does not confirm is saved only when one insists', async () => {
  const { sent } = await show([], {
    'PUT /api/settings/communications': [
      422,
      { code: 'account_refused', detail: unverified.detail },
    ],
    'POST /api/settings/communications/test': [200, unverified],
  });
  await userEvent.click(screen.getByRole('radio', { name: /Your own account/ }));
  await userEvent.type(screen.getByLabelText('Account'), 'AC1');
  await userEvent.type(screen.getByLabelText('Token'), 'a token');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(
    await screen.findByText('The key is valid, the sender is not verified'),
  ).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Save anyway' }));
  await waitFor(() => expect(sent('PUT')).toHaveLength(2));
  expect(sent('PUT')[0]).not.toHaveProperty('acceptUntested');
  expect(sent('PUT')[1]).toMatchObject({
    acceptUntested: true,
    credential: { account: 'AC1', token: 'a token' },
  });
});

test('a key that is refused cannot be saved', async () => {
  await show([], {
    'PUT /api/settings/communications': [422, { code: 'account_refused', detail: 'No such key.' }],
    'POST /api/settings/communications/test': [
      200,
      { ...unverified, verdict: 'key_refused', keyValid: false, detail: 'No such key.' },
    ],
  });
  await userEvent.click(screen.getByRole('radio', { name: /Your own account/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(await screen.findByText('The key is refused')).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Save anyway' })).toBeNull();
});

test('without sealing keys there is no account of one’s own', async () => {
  await show([], {}, { ...providers, ownAccounts: false });
  expect(screen.getByRole('radio', { name: /Your own account/ })).toBeDisabled();
});
