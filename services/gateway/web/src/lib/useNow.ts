import { useEffect, useState } from 'react';

/** The time, moving once a minute unless told otherwise, so that "5m" becomes "6m". 0 stops it. */
export function useNow(every = 60_000): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    if (every === 0) return undefined;
    const timer = setInterval(() => setNow(new Date()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
