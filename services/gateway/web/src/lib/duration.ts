/** "0:12", "3:05", "1:02:09": as long as a clock says it. */
export function clockDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const tail = `${h > 0 ? String(m).padStart(2, '0') : m}:${String(s).padStart(2, '0')}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

/** "less than a minute", "25 minutes", "5 hours", "5 hours 12 minutes": as a sentence says it. */
export function spokenDuration(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'less than a minute';
  const hours = Math.floor(minutes / 60);
  const parts = [count(hours, 'hour'), count(minutes % 60, 'minute')];
  return parts.filter(Boolean).join(' ');
}

function count(n: number, unit: string): string {
  if (n === 0) return '';
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}
