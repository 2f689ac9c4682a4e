import type { Channel } from '@/lib/channel';

import { request } from './client';
import type { components } from './schema';

/** A message the provider has approved for sending outside the window; its gaps stand in the body as {{name}}. */
export type Template = components['schemas']['Template'];

/** Every template the provider lists. */
export async function listTemplates(channel: Channel, signal?: AbortSignal): Promise<Template[]> {
  const list = await request<{ items: Template[] }>('GET', '/api/templates', {
    query: { channel },
    signal,
  });
  return list.items;
}
