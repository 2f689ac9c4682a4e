import type { Channel } from '@/lib/channel';

import { request } from './client';
import type { Page } from './page';
import type { components } from './schema';

type Schemas = components['schemas'];

export type ConsentState = Schemas['Consent']['state'];

/** What an address wants of the workspace on a channel. */
export interface Consent {
  channel: Channel;
  address: string;
  state: ConsentState;
  /** keyword, provider, bounce, complaint, unsubscribe or person. */
  source: string;
  reason: string;
  changedBy?: string;
  changedAt: Date;
}

export type WireConsent = Schemas['Consent'];

export interface ConsentFilter {
  channel?: Channel;
  state?: ConsentState;
  address?: string;
}

export type ConsentChange = Schemas['SetConsent'];

/** Reads a consent from the wire. */
export function toConsent(wire: WireConsent): Consent {
  return {
    channel: wire.channel,
    address: wire.address,
    state: wire.state,
    source: wire.source,
    reason: wire.reason,
    changedBy: wire.changedBy,
    changedAt: new Date(wire.changedAt),
  };
}

/** One keyset page of the consents, newest first. */
export async function listConsents(
  filter: ConsentFilter,
  cursor: string | undefined,
  signal?: AbortSignal,
): Promise<Page<Consent>> {
  const page = await request<Page<WireConsent>>('GET', '/api/consents', {
    query: { ...filter, limit: 50, cursor },
    signal,
  });
  return { items: page.items.map(toConsent), nextCursor: page.nextCursor };
}

/** Lets messages to an address through, or stops them. */
export async function setConsent(change: ConsentChange): Promise<Consent> {
  return toConsent(await request<WireConsent>('PUT', '/api/consents', { body: change }));
}
