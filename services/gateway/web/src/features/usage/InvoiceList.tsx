import { useQuery } from '@tanstack/react-query';

import { queryKeys } from '@/api/queryKey';
import { type Invoice, listInvoices, usageFile } from '@/api/usage';
import { ErrorState } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { money } from '@/lib/money';
import { fullTime } from '@/lib/time';

import { meterName } from './meter';
import { periodName } from './period';

const stateNames: Record<Invoice['state'], string> = {
  not_collected: 'Not collected here',
  open: 'Open',
  paid: 'Paid',
  failed: 'Payment failed',
};

/** What was charged, month by month. */
export function InvoiceList() {
  const query = useQuery({
    queryKey: queryKeys.invoices,
    queryFn: ({ signal }) => listInvoices(signal),
  });
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="h-20" />;
  if (query.data.length === 0) {
    return (
      <p className="rounded-lg border border-dashed border-line px-4 py-8 text-center text-ink-3">
        No month has been charged yet.
      </p>
    );
  }
  return (
    <ul
      aria-label="Invoices"
      className="divide-y divide-line rounded-lg border border-line bg-surface"
    >
      {query.data.map((invoice) => (
        <InvoiceLine key={invoice.id} invoice={invoice} />
      ))}
    </ul>
  );
}

function InvoiceLine({ invoice }: { invoice: Invoice }) {
  const { period, currency } = invoice;
  return (
    <li className="px-4 py-3">
      <details>
        <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-4">
          <span className="font-medium">{periodName(period)}</span>
          <span className="text-ink-2">{invoice.planName}</span>
          <span className="text-xs text-ink-3">{stateNames[invoice.state]}</span>
          <span className="ml-auto tabular-nums">{money(invoice.totalMinor, currency)}</span>
        </summary>
        <dl className="mt-2 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1 text-ink-2 tabular-nums">
          {invoice.lines.map((line) => (
            <div key={`${line.period} ${line.meter ?? ''}`} className="contents">
              <dt>{nameOf(line, invoice)}</dt>
              <dd className="text-right">{money(line.amountMinor, currency)}</dd>
            </div>
          ))}
        </dl>
        {invoice.problem && <p className="mt-2 text-danger">{invoice.problem}</p>}
        {invoice.paymentUrl && invoice.state !== 'paid' && (
          <p className="mt-2">
            <a className="text-accent-ink underline" href={invoice.paymentUrl}>
              Pay this invoice
            </a>
          </p>
        )}
        <p className="mt-2 text-xs text-ink-3">
          Issued {fullTime(new Date(invoice.issuedAt))}.{' '}
          <a className="text-accent-ink underline" href={usageFile(period)} download>
            Every message of the month
          </a>
        </p>
      </details>
    </li>
  );
}

function nameOf(line: Invoice['lines'][number], invoice: Invoice): string {
  if (line.period !== invoice.period) return `What ${periodName(line.period)} turned out to cost`;
  if (!line.meter) return `Plan ${invoice.planName}`;
  const beyond = line.billed > 0 ? `, ${line.billed.toLocaleString()} beyond the plan` : '';
  return `${meterName(line.meter)}: ${line.units.toLocaleString()}${beyond}`;
}
