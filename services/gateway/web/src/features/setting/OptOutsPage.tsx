import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';

import { listConsents } from '@/api/consent';
import { queryKeys } from '@/api/queryKey';
import { Button } from '@/components/Button';
import { ErrorState } from '@/components/Notice';
import { Skeleton } from '@/components/Skeleton';
import { ConsentFilters } from '@/features/consent/ConsentFilters';
import { ConsentLine } from '@/features/consent/ConsentLine';
import { NewConsentDialog } from '@/features/consent/NewConsentDialog';
import { type ConsentSearch, toConsentFilter } from '@/features/consent/search';

import { Section } from './Section';

/** Who wants no messages, why, and since when. */
export function OptOutsPage() {
  const search = useSearch({ from: '/app/settings/opt-outs' });
  const navigate = useNavigate();
  const [adds, setAdds] = useState(false);
  const filter = toConsentFilter(search);
  const query = useInfiniteQuery({
    queryKey: queryKeys.consents(filter),
    queryFn: ({ pageParam, signal }) => listConsents(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const consents = query.data?.pages.flatMap((p) => p.items);
  const change = (next: ConsentSearch) =>
    void navigate({ to: '/settings/opt-outs', search: next, replace: true });

  return (
    <Section
      title="Opt-outs"
      action={
        <Button onClick={() => setAdds(true)}>
          <Plus aria-hidden className="size-4" />
          Stop an address
        </Button>
      }
      text="Addresses that want no messages. It is checked last before every send, on each channel by itself."
    >
      <ConsentFilters search={search} onChange={change} />
      {query.isPending && <Skeleton className="h-28" />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {consents?.length === 0 && (
        <p className="rounded-lg border border-dashed border-line px-4 py-8 text-center text-ink-3">
          {Object.keys(search).length === 0
            ? 'Nobody has stopped messages.'
            : 'No address matches these filters.'}
        </p>
      )}
      {consents && consents.length > 0 && (
        <ul
          aria-label="Addresses"
          className="divide-y divide-line rounded-lg border border-line bg-surface"
        >
          {consents.map((consent) => (
            <ConsentLine key={`${consent.channel} ${consent.address}`} consent={consent} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
      <NewConsentDialog open={adds} onClose={() => setAdds(false)} />
    </Section>
  );
}
