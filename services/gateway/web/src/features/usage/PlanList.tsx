import { useMutation, useQueryClient } from '@tanstack/react-query';

import { sentenceOf } from '@/api/problem';
import { queryKeys } from '@/api/queryKey';
import { type Billing, choosePlan, type Plan } from '@/api/usage';
import { Button } from '@/components/Button';
import { FormError } from '@/components/Notice';
import { useToast } from '@/components/Toast';
import { money } from '@/lib/money';

import { meterName } from './meter';

/** What there is to choose from, and what one has. */
export function PlanList({ billing, canChoose }: { billing: Billing; canChoose: boolean }) {
  const toast = useToast();
  const cache = useQueryClient();
  const choose = useMutation({
    mutationFn: choosePlan,
    onSuccess: async (checkout) => {
      if (checkout) {
        window.location.assign(checkout);
        return;
      }
      toast('Plan changed');
      await cache.invalidateQueries({ queryKey: queryKeys.billing });
      await cache.invalidateQueries({ queryKey: queryKeys.usage });
    },
  });
  return (
    <>
      {choose.isError && <FormError>{sentenceOf(choose.error)}</FormError>}
      <ul aria-label="Plans" className="grid gap-3 sm:grid-cols-2">
        {billing.plans.map((plan) => (
          <li
            key={plan.id}
            aria-current={plan.id === billing.planId || undefined}
            className="flex flex-col gap-1 rounded-lg border border-line bg-surface px-4 py-3 aria-[current=true]:border-accent"
          >
            <div className="flex items-baseline justify-between gap-4">
              <span className="font-medium">{plan.name}</span>
              <span className="text-ink-2">{money(plan.priceMinor, plan.currency)} a month</span>
            </div>
            <p className="text-ink-2">{includes(plan)}</p>
            {plan.id === billing.planId ? (
              <p className="text-xs font-medium text-accent-ink">Your plan</p>
            ) : (
              canChoose &&
              plan.selfService && (
                <Button
                  className="mt-auto self-start"
                  busy={choose.isPending && choose.variables === plan.id}
                  onClick={() => choose.mutate(plan.id)}
                >
                  Choose {plan.name}
                </Button>
              )
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function includes(plan: Plan): string {
  if (plan.allowances.length === 0) return 'No limits, and nothing is charged.';
  return plan.allowances
    .map((a) => {
      const name = meterName(a.meter).replace(/^[TPCR]/, (first) => first.toLowerCase());
      return a.unlimited
        ? `any number of ${name}`
        : `${(a.included ?? 0).toLocaleString()} ${name}`;
    })
    .join(', ');
}
