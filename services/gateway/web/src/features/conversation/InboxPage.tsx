import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';

import { inboxTabs, parseInboxTab } from '@/lib/channel';
import { classes } from '@/lib/classes';

import { ConversationFilters } from './ConversationFilters';
import type { InboxSearch } from './filter';
import { InboxList } from './InboxList';

/** The inbox: the list at the left, the conversation beside it; on a phone, one of the two. */
export function InboxPage() {
  const params = useParams({ strict: false });
  const search = useSearch({ from: '/app/inbox/$tab' });
  const navigate = useNavigate();
  const tab = parseInboxTab(params.tab ?? 'all');
  const { conversationId } = params;
  const name = inboxTabs.find((t) => t.tab === tab)?.name ?? 'All';

  useEffect(() => {
    document.title = `${name} · Conversations`;
  }, [name]);

  const change = useCallback(
    (next: InboxSearch) => {
      void navigate({ to: '.', search: next, replace: true });
    },
    [navigate],
  );

  return (
    <div className="flex min-h-0 flex-1">
      <section
        aria-label={`${name} inbox`}
        className={classes(
          'min-h-0 w-full flex-col border-line bg-surface md:border-r md:w-80 xl:w-90',
          conversationId ? 'hidden md:flex' : 'flex',
        )}
      >
        <ConversationFilters search={search} onChange={change} />
        <InboxList tab={tab} search={search} selectedId={conversationId} onClear={change} />
      </section>
      <div
        className={classes('min-h-0 min-w-0 flex-1', conversationId ? 'flex' : 'hidden md:flex')}
      >
        <Outlet />
      </div>
    </div>
  );
}
