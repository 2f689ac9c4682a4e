import { useEffect, useState } from 'react';

import { useConnectionState } from './RealtimeProvider';

/** Says when the page is cut off from live changes, and when it is back. */
export function ConnectionBanner() {
  const state = useConnectionState();
  const [wasOffline, setWasOffline] = useState(false);
  if (state === 'offline' && !wasOffline) setWasOffline(true);

  useEffect(() => {
    if (state !== 'online' || !wasOffline) return undefined;
    const timer = setTimeout(() => setWasOffline(false), 3000);
    return () => clearTimeout(timer);
  }, [state, wasOffline]);

  const isBack = state === 'online';
  return (
    <div role="status" aria-label="Connection">
      {wasOffline && (
        <p
          className={
            isBack
              ? 'bg-accent-soft px-4 py-1 text-center text-xs text-accent-ink'
              : 'bg-warn-soft px-4 py-1 text-center text-xs text-warn'
          }
        >
          {isBack
            ? 'Reconnected. Everything is up to date.'
            : 'Reconnecting… New messages will appear when the connection is back.'}
        </p>
      )}
    </div>
  );
}
