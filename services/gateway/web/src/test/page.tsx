import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';

import type { Accepted, OutgoingMessage } from '@/api/message';
import { ToastProvider } from '@/components/Toast';
import { createOutbox } from '@/features/message/outbox';
import { OutboxProvider } from '@/features/message/OutboxProvider';
import { createCache } from '@/features/realtime/cache';
import { LiveCacheProvider } from '@/features/realtime/LiveCacheProvider';

type Send = (message: OutgoingMessage, key: string) => Promise<Accepted>;

/** Shows one part of the page with everything around it that it needs; says which address it is at. */
export async function showPart(part: ReactNode, send: Send = () => new Promise(() => undefined)) {
  const outbox = createOutbox({ send, storage: localStorage, wait: () => Promise.resolve() });
  const cache = createCache();
  const rootRoute = createRootRoute({
    component: () => (
      <LiveCacheProvider cache={cache}>
        <OutboxProvider outbox={outbox}>
          <ToastProvider>{part}</ToastProvider>
        </OutboxProvider>
      </LiveCacheProvider>
    ),
  });
  const anywhere = createRoute({ getParentRoute: () => rootRoute, path: '$' });
  const history = createMemoryHistory({ initialEntries: ['/inbox/all'] });
  const router = createRouter({ routeTree: rootRoute.addChildren([anywhere]), history });
  await router.load();
  const view = render(<RouterProvider router={router as never} />);
  return { ...view, cache, outbox, path: () => router.state.location.pathname };
}
