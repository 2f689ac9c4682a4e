/** The months one can look at: the present one and those before it, newest first, such as 2026-11. */
export function recentPeriods(now: Date, count = 12): string[] {
  return Array.from({ length: count }, (_, back) => {
    const month = new Date(now.getFullYear(), now.getMonth() - back, 1);
    return `${month.getFullYear()}-${String(month.getMonth() + 1).padStart(2, '0')}`;
  });
}

/** "November 2026". */
export function periodName(period: string): string {
  const [year, month] = period.split('-').map(Number);
  return new Date(year ?? 0, (month ?? 1) - 1, 1).toLocaleDateString(undefined, {
    month: 'long',
    year: 'numeric',
  });
}

/** The days of a month, such as 2026-11-01. */
export function daysOf(period: string): string[] {
  const [year, month] = period.split('-').map(Number);
  const count = new Date(year ?? 0, month ?? 1, 0).getDate();
  return Array.from({ length: count }, (_, i) => `${period}-${String(i + 1).padStart(2, '0')}`);
}
