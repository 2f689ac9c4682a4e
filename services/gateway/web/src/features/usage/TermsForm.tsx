import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';

import { sentenceOf } from '@/api/problem';
import { queryKeys } from '@/api/queryKey';
import { type Billing, changeTerms, type TermsChange } from '@/api/usage';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { FormError } from '@/components/Notice';
import { useToast } from '@/components/Toast';
import { amount, minorUnits } from '@/lib/money';

const zones = Intl.supportedValuesOf('timeZone');

/** What an owner decides: how much may be spent beyond the plan, and whose midnight ends a month. */
export function TermsForm({ billing, canChange }: { billing: Billing; canChange: boolean }) {
  const { currency } = billing;
  const [cap, setCap] = useState(amount(billing.spendCapMinor, currency));
  const [zone, setZone] = useState(billing.timeZone);
  const toast = useToast();
  const cache = useQueryClient();
  const save = useMutation({
    mutationFn: changeTerms,
    onSuccess: async () => {
      toast('Billing settings saved');
      await cache.invalidateQueries({ queryKey: queryKeys.billing });
      await cache.invalidateQueries({ queryKey: queryKeys.usage });
    },
  });
  const capMinor = minorUnits(cap, currency);

  function submit(event: SubmitEvent) {
    event.preventDefault();
    if (capMinor === undefined) return;
    const change: TermsChange = { spendCapMinor: capMinor, currency };
    if (zone !== billing.timeZone) change.timeZone = zone;
    save.mutate(change);
  }

  return (
    <form noValidate onSubmit={submit}>
      <fieldset disabled={!canChange} className="flex min-w-0 flex-col gap-4">
        {save.isError && <FormError>{sentenceOf(save.error)}</FormError>}
        {!canChange && (
          <p className="text-ink-2">Owners change what follows; you see how it is set.</p>
        )}
        <Field
          label={`Spend cap in ${currency}`}
          inputMode="decimal"
          className="max-w-60"
          value={cap}
          onChange={(e) => setCap(e.target.value)}
          hint="What use beyond the plan may cost in a month. 0 allows none: messages are refused when an allowance is used up."
          error={capMinor === undefined ? 'Must be an amount such as 25.00.' : undefined}
        />
        <Field
          label="Time zone"
          list="time-zones"
          className="max-w-60"
          value={zone}
          onChange={(e) => setZone(e.target.value)}
          hint="A month begins and ends at midnight here."
        />
        <datalist id="time-zones">
          {zones.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        {canChange && (
          <Button type="submit" kind="primary" busy={save.isPending} className="self-start">
            Save
          </Button>
        )}
      </fieldset>
    </form>
  );
}
