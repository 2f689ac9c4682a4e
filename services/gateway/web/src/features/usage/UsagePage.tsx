import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';

import { queryKeys } from '@/api/queryKey';
import { getBilling, getUsage, usageFile } from '@/api/usage';
import { ErrorState } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { useMe } from '@/features/call/useCall';
import { Section } from '@/features/setting/Section';
import { classes } from '@/lib/classes';
import { inputLook } from '@/components/Field';

import { AllowanceList } from './AllowanceList';
import { BillTable } from './BillTable';
import { DayChart } from './DayChart';
import { InvoiceList } from './InvoiceList';
import { periodName, recentPeriods } from './period';
import { PaymentMethod } from './PaymentMethod';
import { PlanList } from './PlanList';
import { TermsForm } from './TermsForm';

/** What the workspace uses and what it costs. */
export function UsagePage() {
  const me = useMe();
  const [chosen, setChosen] = useState<string>();
  const canSee = me !== undefined && me.role !== 'agent';
  const usage = useQuery({
    queryKey: [...queryKeys.usage, chosen],
    queryFn: ({ signal }) => getUsage(chosen, signal),
    enabled: canSee,
  });
  const billing = useQuery({
    queryKey: [...queryKeys.billing, chosen],
    queryFn: ({ signal }) => getBilling(chosen, signal),
    enabled: canSee,
  });
  if (me && !canSee) {
    return <p className="text-ink-2">Owners and admins see what is used and what it costs.</p>;
  }
  const failed = [usage, billing].find((query) => query.isError);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!usage.data || !billing.data) {
    return (
      <div role="status" aria-label="Loading what was used" className="flex flex-col gap-4">
        <Skeleton className="h-40" />
        <Skeleton className="h-40" />
      </div>
    );
  }
  const { period, allowances, days } = usage.data;
  const { enabled } = billing.data.payment;
  const isOwner = me?.role === 'owner';
  const periods = recentPeriods(new Date());
  if (!periods.includes(period)) periods.unshift(period);
  const meters = [...new Set(days.map((d) => d.meter))];
  return (
    <>
      <Section
        title="Usage"
        text="Counted from what the providers report, once for each effect."
        action={
          <label className="flex items-center gap-2">
            <span className="text-ink-2">Month</span>
            <select
              className={classes(inputLook, 'w-auto')}
              value={period}
              onChange={(e) => setChosen(e.target.value)}
            >
              {periods.map((p) => (
                <option key={p} value={p}>
                  {periodName(p)}
                </option>
              ))}
            </select>
          </label>
        }
      >
        {allowances.length > 0 ? (
          <AllowanceList allowances={allowances} currency={billing.data.currency} />
        ) : (
          <p className="text-ink-2">Your plan has no limits.</p>
        )}
        {meters.length === 0 && (
          <p className="rounded-lg border border-dashed border-line px-4 py-8 text-center text-ink-3">
            Nothing was used in {periodName(period)}.
          </p>
        )}
        {meters.map((meter) => (
          <DayChart key={meter} period={period} meter={meter} days={days} />
        ))}
      </Section>
      <Section
        title="Cost"
        text="What the platform's accounts took. Your own accounts are counted and not charged."
        action={
          <a
            href={usageFile(period)}
            download
            className="flex items-center gap-1.5 rounded-md px-2 py-1 text-accent-ink hover:bg-hover"
          >
            <Download aria-hidden className="size-4" />
            Download line by line
          </a>
        }
      >
        <BillTable billing={billing.data} />
      </Section>
      <Section title="Invoices" text="A month is charged two days after its end.">
        <InvoiceList />
      </Section>
      {enabled && (
        <Section title="Payment" text="Kept by the payment provider; no card number comes here.">
          <PaymentMethod billing={billing.data} canChange={isOwner} />
        </Section>
      )}
      <Section
        title="Plans"
        text={
          enabled
            ? 'A month is charged by the dearest plan it had.'
            : 'Whoever runs this installation changes the plan.'
        }
      >
        <PlanList billing={billing.data} canChoose={enabled && isOwner} />
      </Section>
      <Section title="Limits" text="What may be spent, and when a month ends.">
        <TermsForm billing={billing.data} canChange={isOwner} />
      </Section>
    </>
  );
}
