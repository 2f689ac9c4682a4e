import type { ConsentFilter, ConsentState } from '@/api/consent';

/** The channels on which somebody can be written to, and so can stop that. */
export const consentChannels = ['email', 'sms', 'whatsapp'] as const;

/** The filters of the list of opt-outs as they stand in the address. What is left out is the usual. */
export interface ConsentSearch {
  channel?: (typeof consentChannels)[number];
  state?: ConsentState | 'all';
  address?: string;
}

/** Reads the filters from the address; what makes no sense is left out. */
export function parseConsentSearch(search: Record<string, unknown>): ConsentSearch {
  const channel = consentChannels.find((c) => c === search.channel);
  const state = (['opted_in', 'all'] as const).find((s) => s === search.state);
  // A number typed into the address by hand arrives as one.
  const typed = search.address;
  const address = typeof typed === 'string' || typeof typed === 'number' ? String(typed) : '';
  return {
    ...(channel ? { channel } : {}),
    ...(state ? { state } : {}),
    ...(address ? { address } : {}),
  };
}

/** What to ask the server for. */
export function toConsentFilter({ channel, state = 'opted_out', address }: ConsentSearch) {
  return {
    ...(channel ? { channel } : {}),
    ...(state === 'all' ? {} : { state }),
    ...(address ? { address } : {}),
  } satisfies ConsentFilter;
}
