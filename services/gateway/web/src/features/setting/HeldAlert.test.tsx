import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';

import type { OwnAccount } from '@/api/ownAccount';
import { queryKeys } from '@/api/queryKey';
import { showPart } from '@/test/page';

import { HeldAlert } from './HeldAlert';

const account: OwnAccount = {
  provider: 'twilio',
  state: 'tested',
  values: {},
  secrets: [],
  webhookUrl: 'https://hooks.example/api/webhooks/twilio/t',
  updatedAt: '2026-11-01T00:00:00Z',
};
const held = { reason: 'Authenticate', since: '2026-11-24T10:00:00Z' };

function show(role: 'owner' | 'agent', own: OwnAccount) {
  vi.stubGlobal(
    'fetch',
    vi.fn(() => new Promise(() => undefined)),
  );
  const known: [readonly unknown[], unknown][] = [
    [queryKeys.me, { user: { id: 'u1', name: 'Mara' }, role }],
    [queryKeys.ownAccounts, [own]],
  ];
  return showPart(<HeldAlert />, { known });
}

test('those who manage the workspace are told that an account is refused', async () => {
  await show('owner', { ...account, held });
  expect(screen.getByRole('status')).toHaveTextContent('Your account at twilio is refused');
});

test('an account that works is no news', async () => {
  await show('owner', account);
  expect(screen.queryByRole('status')).not.toBeInTheDocument();
});
