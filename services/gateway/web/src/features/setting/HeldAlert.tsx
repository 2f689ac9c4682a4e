import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';

import { listOwnAccounts } from '@/api/ownAccount';
import { queryKeys } from '@/api/queryKey';
import { useMe } from '@/features/call/useCall';
import { fullTime } from '@/lib/time';

const freshFor = 60_000;

/** Tells those who manage the workspace, on every page, that a provider refuses their account and messages wait. */
export function HeldAlert() {
  const me = useMe();
  const accounts = useQuery({
    queryKey: queryKeys.ownAccounts,
    queryFn: ({ signal }) => listOwnAccounts(signal),
    enabled: me !== undefined && me.role !== 'agent',
    staleTime: freshFor,
    refetchInterval: freshFor,
  });
  const refused = accounts.data?.find((account) => account.held);
  if (!refused?.held) return null;
  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-x-2 bg-danger-soft px-4 py-1.5 text-danger"
    >
      <CircleAlert aria-hidden className="size-4 shrink-0" />
      <span>
        Your account at {refused.provider} is refused: messages wait since{' '}
        {fullTime(new Date(refused.held.since))}.
      </span>
      <Link to="/settings" className="underline">
        Mend it
      </Link>
    </div>
  );
}
