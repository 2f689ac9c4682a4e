import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { chooseAccount, listOwnAccounts, listProviders, testAccount } from '@/api/ownAccount';
import { queryKeys } from '@/api/queryKey';

/** What each provider asks for; it does not change while the page is open. */
export function useProviders() {
  return useQuery({
    queryKey: queryKeys.providers,
    queryFn: ({ signal }) => listProviders(signal),
    staleTime: Infinity,
  });
}

/** The accounts that the workspace has brought. */
export function useOwnAccounts() {
  return useQuery({
    queryKey: queryKeys.ownAccounts,
    queryFn: ({ signal }) => listOwnAccounts(signal),
  });
}

/** Asks a provider about an account. */
export function useTestAccount() {
  return useMutation({ mutationFn: testAccount });
}

/** Chooses whose account a channel goes by. */
export function useChooseAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: chooseAccount,
    onSuccess: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: queryKeys.settings }),
        client.invalidateQueries({ queryKey: queryKeys.ownAccounts }),
      ]),
  });
}
