import { screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';

import { queryKeys } from '@/api/queryKey';
import type { Usage } from '@/api/usage';
import { showPart } from '@/test/page';

import { UsageAlert } from './UsageAlert';

function show(role: 'owner' | 'agent', ...reached: number[]) {
  vi.stubGlobal(
    'fetch',
    vi.fn(() => new Promise(() => undefined)),
  );
  const allowances = reached.map((share, i) => ({
    meter: (['sms', 'email'] as const)[i] ?? 'sms',
    included: 50,
    unlimited: false,
    used: 0,
    pending: 0,
    forecast: 0,
    reached: share,
    overagePriceMicros: 0,
  }));
  const usage: Usage = {
    period: '2026-11',
    startsAt: '2026-11-01T00:00:00Z',
    endsAt: '2026-12-01T00:00:00Z',
    allowances,
    meters: [],
    days: [],
  };
  const known: [readonly unknown[], unknown][] = [
    [queryKeys.me, { user: { id: 'u1', name: 'Mara' }, role }],
  ];
  if (role !== 'agent') known.push([[...queryKeys.usage, undefined], usage]);
  return showPart(<UsageAlert />, { known });
}

test.each([
  [[0, 0], undefined],
  [[80, 0], "80 % of this month's text segments are used."],
  [[80, 100], 'All 50 e-mails of this month are used.'],
])('of allowances that reached %j it tells %s', async (reached, told) => {
  await show('owner', ...reached);
  if (told) expect(screen.getByRole('status')).toHaveTextContent(told);
  else expect(screen.queryByRole('status')).not.toBeInTheDocument();
});

test('an agent is not told what the workspace pays for', async () => {
  await show('agent', 100);
  expect(screen.queryByRole('status')).not.toBeInTheDocument();
  expect(fetch).not.toHaveBeenCalled();
});
