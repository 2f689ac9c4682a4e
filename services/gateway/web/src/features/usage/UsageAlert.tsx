import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert, TriangleAlert } from 'lucide-react';

import { queryKeys } from '@/api/queryKey';
import { getUsage } from '@/api/usage';
import { useMe } from '@/features/call/useCall';
import { classes } from '@/lib/classes';

import { meterNames } from './meter';

const freshFor = 60_000;

/** Tells those who manage the workspace, on every page, that an allowance is used up or nearly is. */
export function UsageAlert() {
  const me = useMe();
  const usage = useQuery({
    queryKey: [...queryKeys.usage, undefined],
    queryFn: ({ signal }) => getUsage(undefined, signal),
    enabled: me !== undefined && me.role !== 'agent',
    staleTime: freshFor,
    refetchInterval: freshFor,
  });
  const reached = (usage.data?.allowances ?? []).filter((a) => a.reached > 0);
  const worst = reached.sort((a, b) => b.reached - a.reached)[0];
  if (!worst) return null;
  const isOver = worst.reached >= 100;
  const Icon = isOver ? CircleAlert : TriangleAlert;
  const name = meterNames[worst.meter].toLowerCase();
  return (
    <div
      role="status"
      className={classes(
        'flex shrink-0 flex-wrap items-center gap-x-2 px-4 py-1.5',
        isOver ? 'bg-danger-soft text-danger' : 'bg-warn-soft text-warn',
      )}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <span>
        {isOver
          ? `All ${worst.included.toLocaleString()} ${name} of this month are used.`
          : `${worst.reached} % of this month's ${name} are used.`}
      </span>
      <Link to="/settings/usage" className="underline">
        See usage
      </Link>
    </div>
  );
}
