import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

import type { Message } from '@/api/message';
import { connectRealtime, type ConnectionState } from '@/api/realtime';
import { queryKeys } from '@/api/queryKey';
import { readableAddress } from '@/lib/address';

import { snippetOf } from '@/features/message/snippet';
import { useOutbox } from '@/features/message/OutboxProvider';

import { useLiveCache } from './LiveCacheProvider';

const Connection = createContext<ConnectionState>('connecting');

/** The state of the live connection. */
export function useConnectionState(): ConnectionState {
  return useContext(Connection);
}

/** Keeps the live connection open while its children are shown, and reads new messages to screen readers. */
export function RealtimeProvider({ children }: { children: ReactNode }) {
  const cache = useLiveCache();
  const outbox = useOutbox();
  const [state, setState] = useState<ConnectionState>('connecting');
  const [announcement, setAnnouncement] = useState('');

  useEffect(() => {
    const connection = connectRealtime({
      onState: (next) => {
        setState(next);
        // A connection is also refused when the session has ended, which only an answer over HTTP tells.
        if (next === 'offline') void cache.client.invalidateQueries({ queryKey: queryKeys.me });
      },
      onEvent: (event) => {
        if (event.type === 'hello') {
          // What was fetched before the connection stood may have changed in between.
          if (!event.resumed) cache.reload();
          return;
        }
        if (event.type === 'reload') {
          cache.reload();
          return;
        }
        cache.patch(event);
        if (event.type === 'message') outbox.settle(event.message.id);
        if (isNews(event)) setAnnouncement(announce(event.message));
      },
    });
    return () => connection.stop();
  }, [cache, outbox]);

  return (
    <Connection value={state}>
      {children}
      <p className="sr-only top-0" aria-live="polite">
        {announcement}
      </p>
    </Connection>
  );
}

function isNews(event: { type: string; verb?: string }): event is {
  type: 'message';
  verb: string;
  message: Message;
} {
  return event.type === 'message' && event.verb === 'received';
}

function announce(message: Message): string {
  if (message.call) return `${snippetOf(message)}: ${readableAddress(message.from)}`;
  return `New message from ${readableAddress(message.from)}: ${snippetOf(message)}`;
}
