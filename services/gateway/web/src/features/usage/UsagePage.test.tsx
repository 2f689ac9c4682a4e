import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';

import { queryKeys } from '@/api/queryKey';
import type { Billing, Invoice, Usage } from '@/api/usage';
import { showPart } from '@/test/page';

import { UsagePage } from './UsagePage';

afterEach(() => vi.unstubAllGlobals());

const usage: Usage = {
  period: '2026-11',
  startsAt: '2026-11-01T00:00:00Z',
  endsAt: '2026-12-01T00:00:00Z',
  allowances: [
    {
      meter: 'sms',
      included: 50,
      unlimited: false,
      used: 48,
      pending: 2,
      forecast: 60,
      reached: 100,
      overagePriceMicros: 12000,
    },
    {
      meter: 'email',
      included: 100,
      unlimited: false,
      used: 80,
      pending: 0,
      forecast: 100,
      reached: 80,
      overagePriceMicros: 0,
    },
  ],
  meters: [],
  days: [{ day: '2026-11-03', meter: 'sms', units: 48 }],
};

const billing: Billing = {
  period: '2026-11',
  currency: 'USD',
  planId: 'free',
  timeZone: 'UTC',
  spendCapMinor: 0,
  lines: [
    { units: 0, included: 0, unlimited: false, billed: 0, unitPriceMicros: 0, amountMinor: 0 },
    {
      meter: 'sms',
      units: 53,
      included: 50,
      unlimited: false,
      billed: 3,
      unitPriceMicros: 12000,
      amountMinor: 4,
    },
  ],
  totalMinor: 4,
  forecastMinor: 9,
  plans: [{ id: 'free', name: 'Free', currency: 'USD', priceMinor: 0, allowances: [] }],
  payment: { enabled: false },
};

const noLine = { units: 0, included: 0, unlimited: false, billed: 0, unitPriceMicros: 0 };

const invoice: Invoice = {
  id: 'i1',
  period: '2026-10',
  planName: 'Pro',
  currency: 'USD',
  totalMinor: 4840,
  state: 'not_collected',
  issuedAt: '2026-11-03T00:00:00Z',
  lines: [
    { ...noLine, period: '2026-10', amountMinor: 4900 },
    { ...noLine, period: '2026-09', amountMinor: -60 },
  ],
};

function show(role: 'owner' | 'admin' | 'agent') {
  const fetch = vi.fn<(url: string, init: RequestInit) => Promise<Response>>((_url, init) =>
    Promise.resolve(new Response(init.body as string)),
  );
  vi.stubGlobal('fetch', fetch);
  const known: [readonly unknown[], unknown][] = [
    [queryKeys.me, { user: { id: 'u1', name: 'Mara' }, role }],
    [[...queryKeys.usage, undefined], usage],
    [[...queryKeys.billing, undefined], billing],
    [queryKeys.invoices, [invoice]],
  ];
  return showPart(<UsagePage />, { known }).then(() => fetch);
}

test('an allowance that is used up, and one that nearly is, say so in words', async () => {
  await show('owner');
  expect(screen.getByText('All text segments are used')).toBeInTheDocument();
  expect(screen.getByText('80 % is used')).toBeInTheDocument();
  expect(screen.getByText('2 on their way')).toBeInTheDocument();
  expect(screen.getByRole('meter', { name: 'Text segments' })).toHaveAttribute(
    'aria-valuetext',
    '50 of 50',
  );
  expect(screen.getByRole('row', { name: /Text segments/ })).toHaveTextContent('3 at $0.012');
});

test('an invoice says what it is for, and what an earlier month turned out to cost', async () => {
  await show('admin');
  expect(screen.getByText('Not collected here')).toBeInTheDocument();
  expect(screen.getByText('What September 2026 turned out to cost')).toBeInTheDocument();
  expect(screen.getByText('-$0.60')).toBeInTheDocument();
});

test('an owner sets a spend cap, in minor units', async () => {
  const fetch = await show('owner');
  const cap = screen.getByLabelText('Spend cap in USD');
  await userEvent.clear(cap);
  await userEvent.type(cap, '12.345');
  expect(screen.getByText('Must be an amount such as 25.00.')).toBeInTheDocument();
  await userEvent.clear(cap);
  await userEvent.type(cap, '12.5');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  const [url, init] = fetch.mock.calls.find(([, i]) => i.method === 'PUT') ?? [];
  expect(url).toBe('/api/billing/terms');
  expect(JSON.parse(init?.body as string)).toEqual({ spendCapMinor: 1250, currency: 'USD' });
});

test('an admin sees and does not change, an agent does not see', async () => {
  await show('admin');
  expect(screen.getByLabelText('Spend cap in USD')).toBeDisabled();
  expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument();
});

test('an agent does not see what it costs', async () => {
  await show('agent');
  expect(screen.getByText(/Owners and admins see/)).toBeInTheDocument();
  expect(screen.queryByRole('table')).not.toBeInTheDocument();
});
