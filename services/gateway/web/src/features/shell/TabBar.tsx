import { Link } from '@tanstack/react-router';

import { inboxTabs } from '@/lib/channel';

const tabLook =
  'focus-inset relative flex h-full shrink-0 items-center px-3 text-ink-2 transition-colors hover:text-ink ' +
  'aria-[current=page]:font-medium aria-[current=page]:text-ink ' +
  'aria-[current=page]:after:absolute aria-[current=page]:after:inset-x-3 aria-[current=page]:after:bottom-0 ' +
  'aria-[current=page]:after:h-0.5 aria-[current=page]:after:rounded-full aria-[current=page]:after:bg-accent';

/** The tabs: filters over the one inbox, and the pages beside it. */
export function TabBar() {
  const [all, ...channels] = inboxTabs;
  return (
    <nav aria-label="Channels" className="flex h-10 min-w-0 overflow-x-auto md:h-full">
      <InboxTabLink tab={all.tab} name={all.name} />
      <Link to="/team" className={tabLook}>
        Team
      </Link>
      {channels.map(({ tab, name }) => (
        <InboxTabLink key={tab} tab={tab} name={name} />
      ))}
      <Link to="/neptune" className={tabLook}>
        Neptune
      </Link>
    </nav>
  );
}

function InboxTabLink({ tab, name }: { tab: string; name: string }) {
  return (
    <Link
      to="/inbox/$tab"
      params={{ tab }}
      search={{}}
      activeOptions={{ includeSearch: false }}
      className={tabLook}
    >
      {name}
    </Link>
  );
}
