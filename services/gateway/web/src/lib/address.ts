/** Writes a phone number with spaces where people read them; anything else stays as it is. */
export function readableAddress(address: string): string {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(address);
  if (american) return `+1 ${american[1]} ${american[2]} ${american[3]}`;
  return address;
}

/** Up to two letters for an avatar: of a name, of a mail address, or the last two digits of a number. */
export function initials(name: string, address: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0];
  const last = words.at(-1);
  if (first && last && words.length > 1) return (letter(first) + letter(last)).toUpperCase();
  if (first) return Array.from(first).slice(0, 2).join('').toUpperCase();
  if (address.startsWith('+')) return address.slice(-2);
  const parts = (address.split('@')[0] ?? '').split(/[._\-+]+/).filter(Boolean);
  return parts.slice(0, 2).map(letter).join('').toUpperCase() || '?';
}

// The first code point: an emoji or a letter beyond the first plane must not be cut in half.
function letter(word: string): string {
  return Array.from(word)[0] ?? '';
}

/** A phone number as it was typed, without what people put between its digits. */
export function bareNumber(text: string): string {
  return text.replace(/[\s().-]/g, '');
}

/** True for an international phone number. */
export function isPhone(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text);
}
