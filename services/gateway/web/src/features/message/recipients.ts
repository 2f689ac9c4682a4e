import type { Message } from '@/api/message';

/** Cuts what was typed or pasted into addresses: "Ana <ana@example.com>, ben@example.com" is two. */
export function splitAddresses(text: string): string[] {
  return text
    .split(/[,;\n]+/)
    .map((part) => (/<([^<>]+)>\s*$/.exec(part)?.[1] ?? part).trim())
    .filter(Boolean);
}

/** True for what looks like a mail address; the server has the last word. */
export function isAddress(text: string): boolean {
  return /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text);
}

/** Adds addresses that are not there yet, whatever their capitals. */
export function addAddresses(there: readonly string[], added: readonly string[]): string[] {
  const result = [...there];
  for (const address of added) {
    if (!result.some((r) => isSame(r, address))) result.push(address);
  }
  return result;
}

/** Who else takes part in a mail: neither the customer nor ourselves. */
export function othersIn(mail: Message | undefined, customer: string, ours: string): string[] {
  if (!mail) return [];
  const mine = [customer, ours, mail.direction === 'outbound' ? mail.from : mail.to];
  const all = [mail.from, ...splitAddresses(mail.to), ...mail.cc];
  return addAddresses([], all).filter((address) => !mine.some((m) => isSame(m, address)));
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
