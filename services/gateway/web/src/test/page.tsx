import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import type { QueryKey } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';

import type { Accepted, OutgoingMessage } from '@/api/message';
import { ToastProvider } from '@/components/Toast';
import { createDrafts, type DraftsOptions } from '@/features/message/drafts';
import { DraftsProvider } from '@/features/message/DraftsProvider';
import { createOutbox, type Outbox } from '@/features/message/outbox';
import { OutboxProvider } from '@/features/message/OutboxProvider';
import { createCache } from '@/features/realtime/cache';
import { LiveCacheProvider } from '@/features/realtime/LiveCacheProvider';

type Send = (message: OutgoingMessage, key: string) => Promise<Accepted>;

interface Around {
  send?: Send;
  upload?: DraftsOptions['upload'];
  /** What was fetched before. */
  known?: [QueryKey, unknown][];
  /** The address the page is at. */
  at?: string;
  /** What the outbox holds when the page opens. */
  before?: (outbox: Outbox) => void;
}

const never = () => new Promise<never>(() => undefined);

/** Shows one part of the page with everything around it that it needs; says which address it is at. */
export async function showPart(part: ReactNode, around: Send | Around = {}) {
  const given: Around = typeof around === 'function' ? { send: around } : around;
  const { send = never, upload = never, known = [], at = '/inbox/all', before } = given;
  const drafts = createDrafts({ storage: localStorage, upload });
  const outbox = createOutbox({ send, storage: localStorage, wait: () => Promise.resolve() });
  before?.(outbox);
  const cache = createCache();
  for (const [key, data] of known) cache.client.setQueryData(key, data);
  const rootRoute = createRootRoute({
    component: () => (
      <LiveCacheProvider cache={cache}>
        <OutboxProvider outbox={outbox}>
          <DraftsProvider drafts={drafts}>
            <ToastProvider>{part}</ToastProvider>
          </DraftsProvider>
        </OutboxProvider>
      </LiveCacheProvider>
    ),
  });
  const anywhere = createRoute({ getParentRoute: () => rootRoute, path: '$' });
  // The addresses of the inbox are read by their names.
  const app = createRoute({ getParentRoute: () => rootRoute, id: 'app' });
  const inbox = createRoute({ getParentRoute: () => app, path: '/inbox/$tab' });
  const opened = createRoute({ getParentRoute: () => inbox, path: '$conversationId' });
  const history = createMemoryHistory({ initialEntries: [at] });
  const routeTree = rootRoute.addChildren([
    anywhere,
    app.addChildren([inbox.addChildren([opened])]),
  ]);
  const router = createRouter({ routeTree, history });
  await router.load();
  const view = render(<RouterProvider router={router as never} />);
  return { ...view, cache, outbox, drafts, path: () => router.state.location.pathname };
}
