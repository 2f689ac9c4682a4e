import './styles.css';

import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { uploadFile } from './api/attachment';
import { whenUnauthorized } from './api/client';
import { sendMessage } from './api/message';
import { queryKeys } from './api/queryKey';
import { ToastProvider } from './components/Toast';
import { shrink } from './features/file/shrink';
import { createDrafts } from './features/message/drafts';
import { DraftsProvider } from './features/message/DraftsProvider';
import { createOutbox } from './features/message/outbox';
import { OutboxProvider } from './features/message/OutboxProvider';
import { createCache } from './features/realtime/cache';
import { LiveCacheProvider } from './features/realtime/LiveCacheProvider';
import { applyTheme, readTheme } from './lib/theme';
import { createPageRouter } from './router';

applyTheme(readTheme());

const cache = createCache();
const outbox = createOutbox({ send: sendMessage, storage: localStorage });
const drafts = createDrafts({ storage: localStorage, upload: uploadFile, shrink });
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
        <DraftsProvider drafts={drafts}>
          <ToastProvider>
            <RouterProvider router={router} />
          </ToastProvider>
        </DraftsProvider>
      </OutboxProvider>
    </LiveCacheProvider>
  </StrictMode>,
);
