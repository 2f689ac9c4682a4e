import type { Billing, BillingLine } from '@/api/usage';
import { money, unitPrice } from '@/lib/money';

import { meterName } from './meter';

/** What a month costs, line by line. */
export function BillTable({ billing }: { billing: Billing }) {
  const { currency, lines, plans, planId } = billing;
  const plan = plans.find((p) => p.id === planId)?.name ?? planId;
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table className="w-full text-left tabular-nums">
        <thead className="text-xs text-ink-3">
          <tr>
            <th scope="col" className="px-4 py-2 font-normal">
              What
            </th>
            <th scope="col" className="px-2 py-2 text-right font-normal">
              Used
            </th>
            <th scope="col" className="px-2 py-2 text-right font-normal">
              Beyond the plan
            </th>
            <th scope="col" className="px-4 py-2 text-right font-normal">
              Amount
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-y border-line">
          {lines.map((line) => (
            <tr key={line.meter ?? 'plan'}>
              <th scope="row" className="px-4 py-2 font-normal">
                {line.meter ? meterName(line.meter) : `Plan ${plan}`}
              </th>
              <td className="px-2 py-2 text-right">
                {line.meter ? line.units.toLocaleString() : ''}
              </td>
              <td className="px-2 py-2 text-right text-ink-2">{beyond(line, currency)}</td>
              <td className="px-4 py-2 text-right">{money(line.amountMinor, currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3} className="px-4 py-2 font-medium">
              Until now
            </th>
            <td className="px-4 py-2 text-right font-medium">
              {money(billing.totalMinor, currency)}
            </td>
          </tr>
          <tr className="text-ink-2">
            <th scope="row" colSpan={3} className="px-4 pb-2 font-normal">
              Expected at the end of the month
            </th>
            <td className="px-4 pb-2 text-right">{money(billing.forecastMinor, currency)}</td>
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

function beyond(line: BillingLine, currency: string): string {
  if (line.billed === 0) return '';
  return `${line.billed.toLocaleString()} at ${unitPrice(line.unitPriceMicros, currency)}`;
}
