import { CircleAlert, TriangleAlert } from 'lucide-react';

import type { AllowanceUsage, Meter } from '@/api/usage';
import { classes } from '@/lib/classes';
import { unitPrice } from '@/lib/money';

import { meterNames } from './meter';

export interface AllowanceListProps {
  allowances: AllowanceUsage[];
  currency: string;
}

/** How far each allowance of the plan is used. */
export function AllowanceList({ allowances, currency }: AllowanceListProps) {
  return (
    <ul
      aria-label="Allowances"
      className="divide-y divide-line rounded-lg border border-line bg-surface"
    >
      {allowances.map((allowance) => (
        <AllowanceLine key={allowance.meter} allowance={allowance} currency={currency} />
      ))}
    </ul>
  );
}

function AllowanceLine({ allowance, currency }: { allowance: AllowanceUsage; currency: string }) {
  const { meter, included, unlimited, used, pending, forecast, reached } = allowance;
  const name = meterNames[meter];
  const taken = used + pending;
  const share = unlimited || included === 0 ? 0 : Math.min(100, (taken / included) * 100);
  return (
    <li className="flex flex-col gap-1.5 px-4 py-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <span className="font-medium">{name}</span>
        <span className="text-ink-2 tabular-nums">
          {taken.toLocaleString()} {unlimited ? 'of any number' : `of ${included.toLocaleString()}`}
        </span>
      </div>
      {!unlimited && (
        <div
          role="meter"
          aria-label={name}
          aria-valuenow={Math.min(taken, included)}
          aria-valuemin={0}
          aria-valuemax={included}
          aria-valuetext={`${taken} of ${included}`}
          className="h-1.5 overflow-hidden rounded-full bg-sunken"
        >
          <div
            className={classes(
              'h-full rounded-full',
              reached >= 100 ? 'bg-danger' : reached >= 80 ? 'bg-warn' : 'bg-accent',
            )}
            style={{ width: `${share}%` }}
          />
        </div>
      )}
      <p className="flex flex-wrap gap-x-3 text-xs text-ink-3">
        {reached > 0 && <Reached meter={meter} reached={reached} />}
        {pending > 0 && <span>{pending.toLocaleString()} on their way</span>}
        <span>{forecast.toLocaleString()} expected by the end of the month</span>
        {allowance.overagePriceMicros > 0 && (
          <span>{unitPrice(allowance.overagePriceMicros, currency)} each beyond</span>
        )}
      </p>
    </li>
  );
}

function Reached({ meter, reached }: { meter: Meter; reached: number }) {
  const isOver = reached >= 100;
  const Icon = isOver ? CircleAlert : TriangleAlert;
  return (
    <span
      className={classes(
        'flex items-center gap-1 font-medium',
        isOver ? 'text-danger' : 'text-warn',
      )}
    >
      <Icon aria-hidden className="size-3.5" />
      {isOver ? `All ${meterNames[meter].toLowerCase()} are used` : `${reached} % is used`}
    </span>
  );
}
