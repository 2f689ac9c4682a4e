import './styles.css';

import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { whenUnauthorized } from './api/client';
import { sendMessage } from './api/message';
import { queryKeys } from './api/queryKey';
import { ToastProvider } from './components/Toast';
import { createOutbox } from './features/message/outbox';
import { OutboxProvider } from './features/message/OutboxProvider';
import { createCache } from './features/realtime/cache';
import { LiveCacheProvider } from './features/realtime/LiveCacheProvider';
import { applyTheme, readTheme } from './lib/theme';
import { createPageRouter } from './router';

applyTheme(readTheme());

const cache = createCache();
const outbox = createOutbox({ send: sendMessage, storage: localStorage });
const router = createPageRouter(cache.client);

whenUnauthorized(() => {
  // Without a session there was none to end: the router asks for one by itself.
  if (!cache.client.getQueryData(queryKeys.me)) return;
  cache.client.clear();
  void router.navigate({ to: '/login', search: { next: location.pathname + location.search } });
});

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <LiveCacheProvider cache={cache}>
      <OutboxProvider outbox={outbox}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </OutboxProvider>
    </LiveCacheProvider>
  </StrictMode>,
);
