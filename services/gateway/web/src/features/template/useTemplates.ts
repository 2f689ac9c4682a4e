import { useQuery } from '@tanstack/react-query';

import { queryKeys } from '@/api/queryKey';
import { listTemplates } from '@/api/template';
import type { Channel } from '@/lib/channel';

/** The templates of a channel, asked for anew whenever a picker opens. */
export function useTemplates(channel: Channel) {
  return useQuery({
    queryKey: queryKeys.templates(channel),
    queryFn: ({ signal }) => listTemplates(channel, signal),
    staleTime: 10_000,
  });
}
