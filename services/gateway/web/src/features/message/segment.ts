// GSM 03.38: the letters that cost one septet, and those that cost two (an escape and the letter).
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extended = new Set('\f^{}\\[~]|€');

/** How a text travels as SMS. */
export interface Segments {
  encoding: 'GSM-7' | 'UCS-2';
  /** Units used: septets or UTF-16 code units. */
  units: number;
  count: number;
  /** Units that still fit into the last segment. */
  left: number;
}

/** Counts the segments of a text: 160 or 70 units in one, 153 or 67 in each of several. */
export function countSegments(text: string): Segments {
  const letters = Array.from(text);
  const isGsm = letters.every((l) => basic.has(l) || extended.has(l));
  const costs = letters.map((l) => (isGsm ? (extended.has(l) ? 2 : 1) : l.length));
  const units = costs.reduce((sum, cost) => sum + cost, 0);
  const encoding = isGsm ? 'GSM-7' : 'UCS-2';
  const [single, multi] = isGsm ? [160, 153] : [70, 67];
  if (units <= single) return { encoding, units, count: units === 0 ? 0 : 1, left: single - units };
  const { count, used } = pack(costs, multi);
  return { encoding, units, count, left: multi - used };
}

// A letter of two units is never split between segments, so a segment may end one unit short.
function pack(costs: number[], room: number): { count: number; used: number } {
  let count = 1;
  let used = 0;
  for (const cost of costs) {
    if (used + cost > room) {
      count += 1;
      used = 0;
    }
    used += cost;
  }
  return { count, used };
}
