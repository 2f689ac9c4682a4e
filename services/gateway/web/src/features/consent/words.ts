import type { Consent } from '@/api/consent';
import { readableAddress } from '@/lib/address';

const sources: Record<string, string> = {
  keyword: 'wrote STOP',
  unsubscribe: 'unsubscribed',
  complaint: 'reported a message as unwanted',
};

/** Who stopped the messages and how, as a sentence that begins with the address. */
export function whyStopped(consent: Consent, name = ''): string {
  const who = name || readableAddress(consent.address);
  const told = sources[consent.source];
  if (told) return `${who} ${told}.`;
  if (consent.source === 'bounce') return `Mail to ${who} came back for good.`;
  if (consent.source === 'provider') return `The provider holds messages to ${who} back.`;
  return `Somebody of your team stopped messages to ${who}.`;
}

const sourceNames: Record<string, string> = {
  keyword: 'by keyword',
  unsubscribe: 'unsubscribed',
  complaint: 'complaint',
  bounce: 'bounced',
  provider: 'by the provider',
  person: 'by your team',
};

/** The source of a consent, short. */
export function sourceName(source: string): string {
  return sourceNames[source] ?? source;
}

/** True when the reason says more than the source: what the customer did says it all, what others did does not. */
export function addsReason({ source, reason }: Consent): boolean {
  return reason !== '' && ['person', 'bounce', 'provider'].includes(source);
}
