import { QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext } from 'react';

import type { LiveCache } from './cache';

const LiveCacheContext = createContext<LiveCache | undefined>(undefined);

/** Hands the query cache to the page. */
export function LiveCacheProvider(props: { cache: LiveCache; children: ReactNode }) {
  return (
    <LiveCacheContext value={props.cache}>
      <QueryClientProvider client={props.cache.client}>{props.children}</QueryClientProvider>
    </LiveCacheContext>
  );
}

/** The query cache of the page, and the way changes enter it. */
export function useLiveCache(): LiveCache {
  const cache = useContext(LiveCacheContext);
  if (!cache) throw new Error('useLiveCache needs a LiveCacheProvider around it');
  return cache;
}
