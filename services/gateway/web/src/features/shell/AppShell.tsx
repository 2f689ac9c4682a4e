import { Outlet, useParams } from '@tanstack/react-router';

import { ConnectionBanner } from '@/features/realtime/ConnectionBanner';
import { RealtimeProvider } from '@/features/realtime/RealtimeProvider';
import { HeldAlert } from '@/features/setting/HeldAlert';
import { UsageAlert } from '@/features/usage/UsageAlert';
import { NewMessageButton } from '@/features/message/NewMessageButton';

import { channelOfTab, parseInboxTab } from '@/lib/channel';
import { classes } from '@/lib/classes';

import { Logo } from './Logo';
import { TabBar } from './TabBar';
import { UserMenu } from './UserMenu';

/** What stands around every page once one is logged in. */
export function AppShell() {
  const { tab, conversationId } = useParams({ strict: false });
  const isReading = conversationId !== undefined;
  return (
    <RealtimeProvider>
      <div className="flex h-full flex-col">
        <a
          href="#content"
          className="sr-only z-50 rounded-md bg-raised px-3 py-2 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
        >
          Skip to the conversations
        </a>
        <header className="grid shrink-0 grid-cols-[1fr_auto] items-center border-b border-line bg-surface md:h-12 md:grid-cols-[auto_1fr_auto]">
          <div className="col-start-1 row-start-1 flex h-12 items-center gap-2 px-4 md:pr-2">
            <Logo />
            <span className="font-semibold md:hidden lg:inline">Conversations</span>
          </div>
          <div
            className={classes(
              'col-span-2 row-start-2 min-w-0 border-t border-line px-1',
              'md:col-span-1 md:col-start-2 md:row-start-1 md:block md:h-full md:border-0',
              // A phone has room for the tabs or for what is being read.
              isReading && 'hidden',
            )}
          >
            <TabBar />
          </div>
          <div className="col-start-2 row-start-1 flex items-center gap-2 px-4 md:col-start-3">
            <NewMessageButton channel={channelOfTab(parseInboxTab(tab ?? 'all'))} />
            <UserMenu />
          </div>
        </header>
        <ConnectionBanner />
        <HeldAlert />
        <UsageAlert />
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          <Outlet />
        </main>
      </div>
    </RealtimeProvider>
  );
}
