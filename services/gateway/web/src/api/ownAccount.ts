import type { Channel } from '@/lib/channel';

import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

/** What a provider asks of who brings an account. */
export type ProviderForm = Schemas['ProviderForm'];
export type ProviderField = Schemas['ProviderField'];
export type ProviderForms = Schemas['ProviderForms'];
/** The workspace's own account at a provider; of its secrets only the end. */
export type OwnAccount = Schemas['OwnAccount'];
/** What a provider said of an account. */
export type AccountTested = Schemas['AccountTested'];
export type ChosenAccount = Schemas['ChosenAccount'];

/** Whose account a channel is to go by. Fields that are left out stay as they are saved. */
export interface AccountChoice {
  channel: Channel;
  mode: 'platform' | 'byoc';
  provider?: string;
  credential?: Record<string, string>;
  acceptUntested?: boolean;
}

/** What each provider asks for. */
export function listProviders(signal?: AbortSignal): Promise<ProviderForms> {
  return request<ProviderForms>('GET', '/api/settings/providers', { signal });
}

/** The accounts that the workspace has brought. */
export async function listOwnAccounts(signal?: AbortSignal): Promise<OwnAccount[]> {
  const page = await request<Schemas['OwnAccounts']>('GET', '/api/settings/accounts', { signal });
  return page.items;
}

/** Asks the provider about an account, and saves nothing. */
export function testAccount(choice: AccountChoice): Promise<AccountTested> {
  const { channel, provider, credential } = choice;
  return request<AccountTested>('POST', '/api/settings/communications/test', {
    body: { channel, provider, credential },
  });
}

/** Chooses whose account a channel goes by. */
export function chooseAccount(choice: AccountChoice): Promise<ChosenAccount> {
  return request<ChosenAccount>('PUT', '/api/settings/communications', { body: choice });
}
