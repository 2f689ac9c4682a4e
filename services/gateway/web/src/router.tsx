import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { QueryClient } from '@tanstack/react-query';

import { getMe } from '@/api/account';
import { ProblemError } from '@/api/problem';
import { queryKeys } from '@/api/queryKey';
import { EmptyState, ErrorState } from '@/components/Notice';
import { LogInPage } from '@/features/account/LogInPage';
import { SignUpPage } from '@/features/account/SignUpPage';
import { parseConsentSearch } from '@/features/consent/search';
import { ConversationPage } from '@/features/conversation/ConversationPage';
import { parseInboxSearch } from '@/features/conversation/filter';
import { InboxPage } from '@/features/conversation/InboxPage';
import { NoConversation } from '@/features/conversation/NoConversation';
import { NeptunePage } from '@/features/neptune/NeptunePage';
import { CallsPage } from '@/features/setting/CallsPage';
import { ChannelsPage } from '@/features/setting/ChannelsPage';
import { OptOutsPage } from '@/features/setting/OptOutsPage';
import { SettingsPage } from '@/features/setting/SettingsPage';
import { AppShell } from '@/features/shell/AppShell';
import { TeamPage } from '@/features/team/TeamPage';
import { UsagePage } from '@/features/usage/UsagePage';

interface RouterContext {
  client: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  errorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  notFoundComponent: () => (
    <EmptyState title="There is no such page">
      <a href="/" className="text-accent underline">
        Go to the inbox
      </a>
    </EmptyState>
  ),
});

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const { next } = search;
    // Only a path of this page: "//elsewhere" and full addresses would lead away after logging in.
    return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {};
  },
  component: LogInPage,
});

const signupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/signup',
  component: SignUpPage,
});

const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.query({
        queryKey: queryKeys.me,
        queryFn: () => getMe(),
        staleTime: 'static',
      });
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
      const isHome = location.pathname === '/' || location.pathname === '/inbox/all';
      throw redirect({ to: '/login', search: isHome ? {} : { next: location.href } });
    }
  },
  component: AppShell,
});

const homeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/inbox/$tab', params: { tab: 'all' }, search: {} });
  },
});

const inboxRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/inbox/$tab',
  validateSearch: parseInboxSearch,
  component: InboxPage,
});

const noConversationRoute = createRoute({
  getParentRoute: () => inboxRoute,
  path: '/',
  component: NoConversation,
});

const conversationRoute = createRoute({
  getParentRoute: () => inboxRoute,
  path: '$conversationId',
  component: ConversationPage,
});

const teamRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/team',
  component: TeamPage,
});

const neptuneRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/neptune',
  component: NeptunePage,
});

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/settings',
  component: SettingsPage,
});

const channelsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/',
  component: ChannelsPage,
});

const callsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'calls',
  component: CallsPage,
});

const optOutsRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'opt-outs',
  validateSearch: parseConsentSearch,
  component: OptOutsPage,
});

const usageRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: 'usage',
  component: UsagePage,
});

const routeTree = rootRoute.addChildren([
  loginRoute,
  signupRoute,
  appRoute.addChildren([
    homeRoute,
    inboxRoute.addChildren([noConversationRoute, conversationRoute]),
    teamRoute,
    neptuneRoute,
    settingsRoute.addChildren([channelsRoute, callsRoute, optOutsRoute, usageRoute]),
  ]),
]);

/** Makes the router: every address of the page and what it shows. */
export function createPageRouter(client: QueryClient) {
  return createRouter({ routeTree, context: { client }, defaultPreload: false });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createPageRouter>;
  }
}
