const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** "now", "5m", "3h", "Yesterday", "Mon", "12 Mar", "12 Mar 2024": how long ago, as short as a list row wants it. */
export function shortAge(at: Date, now: Date): string {
  const age = now.getTime() - at.getTime();
  if (age < minute) return 'now';
  if (age < hour) return `${Math.floor(age / minute)}m`;
  const days = daysBetween(at, now);
  if (days === 0) return `${Math.floor(age / hour)}h`;
  if (days === 1) return 'Yesterday';
  if (days < 7) return at.toLocaleDateString(undefined, { weekday: 'short' });
  return shortDate(at, now);
}

/** "Today", "Yesterday", "Monday", "Monday 12 March": the line between two days of a thread. */
export function dayName(at: Date, now: Date): string {
  const days = daysBetween(at, now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return at.toLocaleDateString(undefined, { weekday: 'long' });
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return at.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year });
}

/** The time of day. */
export function clockTime(at: Date): string {
  return at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

/** The whole date and time, for tooltips. */
export function fullTime(at: Date): string {
  return at.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'medium' });
}

/** "12 Mar" or "12 Mar 2024". */
export function shortDate(at: Date, now: Date): string {
  const year = at.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return at.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year });
}

/** True when both lie on one calendar day here. */
export function isSameDay(a: Date, b: Date): boolean {
  return daysBetween(a, b) === 0;
}

// Calendar days, so that five past midnight is "Yesterday" for a message of five to; rounding evens out summer time.
function daysBetween(earlier: Date, later: Date): number {
  const from = new Date(earlier.getFullYear(), earlier.getMonth(), earlier.getDate());
  const to = new Date(later.getFullYear(), later.getMonth(), later.getDate());
  return Math.round((to.getTime() - from.getTime()) / day);
}
