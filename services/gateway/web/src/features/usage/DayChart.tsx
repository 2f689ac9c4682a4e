import type { DayUsage } from '@/api/usage';

import { meterName } from './meter';
import { daysOf } from './period';

export interface DayChartProps {
  period: string;
  meter: string;
  days: DayUsage[];
}

/** A bar for each day of a month: what was used of one meter. */
export function DayChart({ period, meter, days }: DayChartProps) {
  const units = new Map(days.filter((d) => d.meter === meter).map((d) => [d.day, d.units]));
  const most = Math.max(1, ...units.values());
  const total = [...units.values()].reduce((sum, n) => sum + n, 0);
  return (
    <figure className="flex flex-col gap-2 rounded-lg border border-line bg-surface px-4 py-3">
      <figcaption className="flex justify-between gap-4">
        <span className="font-medium">{meterName(meter)}</span>
        <span className="text-ink-2 tabular-nums">{total.toLocaleString()}</span>
      </figcaption>
      <ol aria-label={`${meterName(meter)} by day`} className="flex h-16 items-end gap-px">
        {daysOf(period).map((day) => {
          const count = units.get(day) ?? 0;
          return (
            <li key={day} title={`${day}: ${count}`} className="flex h-full flex-1 items-end">
              <span className="sr-only">
                {day}: {count}
              </span>
              <span
                aria-hidden
                className={count > 0 ? 'w-full rounded-t-xs bg-accent' : 'w-full bg-line'}
                style={{ height: count > 0 ? `${Math.max(6, (count / most) * 100)}%` : '1px' }}
              />
            </li>
          );
        })}
      </ol>
    </figure>
  );
}
