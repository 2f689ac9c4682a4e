import { useMutation } from '@tanstack/react-query';

import { sentenceOf } from '@/api/problem';
import { type Billing, paymentPage } from '@/api/usage';
import { Button } from '@/components/Button';
import { FormError } from '@/components/Notice';

/** What invoices are charged to, and the way to change it at the payment provider. */
export function PaymentMethod({ billing, canChange }: { billing: Billing; canChange: boolean }) {
  const { method } = billing.payment;
  const go = useMutation({
    mutationFn: paymentPage,
    onSuccess: (url) => window.location.assign(url),
  });
  return (
    <div className="flex flex-col gap-3">
      {go.isError && <FormError>{sentenceOf(go.error)}</FormError>}
      <p className="text-ink-2">
        {method
          ? `Invoices are charged to the ${method}.`
          : 'Nothing is set up: an invoice is paid by the link that stands on it.'}
      </p>
      {canChange && (
        <div className="flex flex-wrap gap-3">
          {method ? (
            <Button busy={go.isPending} onClick={() => go.mutate('portal')}>
              Change or remove
            </Button>
          ) : (
            <Button busy={go.isPending} onClick={() => go.mutate('checkout')}>
              Set up payment
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
