import { useQuery } from '@tanstack/react-query';

import { queryKeys } from '@/api/queryKey';
import { getCommunicationSettings } from '@/api/setting';

/** The channels of the workspace. */
export function useSettings() {
  return useQuery({
    queryKey: queryKeys.settings,
    queryFn: ({ signal }) => getCommunicationSettings(signal),
    staleTime: 5 * 60_000,
  });
}
