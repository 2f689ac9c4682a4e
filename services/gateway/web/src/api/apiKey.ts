import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  createdAt: Date;
  lastUsedAt?: Date;
}

/** A key with its secret, which is shown this once. */
export interface NewApiKey {
  key: ApiKey;
  secret: string;
}

function toApiKey(wire: Schemas['Key']): ApiKey {
  return {
    id: wire.id,
    name: wire.name,
    prefix: wire.prefix,
    createdAt: new Date(wire.createdAt),
    lastUsedAt: wire.lastUsedAt ? new Date(wire.lastUsedAt) : undefined,
  };
}

/** Every key that is not revoked. */
export async function listApiKeys(signal?: AbortSignal): Promise<ApiKey[]> {
  const page = await request<Schemas['KeyList']>('GET', '/api/api-keys', { signal });
  return page.items.map(toApiKey);
}

/** Makes a key. */
export async function createApiKey(name: string): Promise<NewApiKey> {
  const wire = await request<Schemas['NewKey']>('POST', '/api/api-keys', {
    body: { name },
  });
  // Only a repeated request is answered without it, and each press has an idempotency key of its own.
  if (wire.secret === undefined)
    throw new Error('This key was made before. Revoke it and create another.');
  return { key: toApiKey(wire), secret: wire.secret };
}

/** Ends a key at once. */
export async function revokeApiKey(id: string): Promise<void> {
  await request('DELETE', `/api/api-keys/${encodeURIComponent(id)}`);
}
