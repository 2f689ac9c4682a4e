/** Minor units as a person of this place reads them: 4900 USD is $49.00. */
export function money(minor: number, currency: string): string {
  return format(currency).format(minor / 10 ** digits(currency));
}

/** A price in millionths of the currency's unit: 7900 USD is $0.0079. */
export function unitPrice(micros: number, currency: string): string {
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    maximumFractionDigits: 6,
  }).format(micros / 1e6);
}

/** What one has typed as minor units; undefined when it is no amount. */
export function minorUnits(text: string, currency: string): number | undefined {
  const found = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim());
  const places = digits(currency);
  if (!found || (found[2]?.length ?? 0) > places) return undefined;
  return Number(found[1]) * 10 ** places + Number((found[2] ?? '').padEnd(places, '0') || 0);
}

/** Minor units as one types them: 2550 USD is 25.50. */
export function amount(minor: number, currency: string): string {
  return (minor / 10 ** digits(currency)).toFixed(digits(currency));
}

function format(currency: string): Intl.NumberFormat {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency });
}

function digits(currency: string): number {
  return format(currency).resolvedOptions().maximumFractionDigits ?? 2;
}
