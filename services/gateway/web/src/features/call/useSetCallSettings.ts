import { useMutation, useQueryClient } from '@tanstack/react-query';

import { setCallSettings } from '@/api/call';
import { queryKeys } from '@/api/queryKey';

/** Changes what the workspace does with calls. */
export function useSetCallSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: setCallSettings,
    onSuccess: (settings) => client.setQueryData(queryKeys.callSettings, settings),
  });
}
