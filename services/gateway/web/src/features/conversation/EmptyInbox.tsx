import { Inbox } from 'lucide-react';

import { Button } from '@/components/Button';
import { ChannelIcon } from '@/components/ChannelIcon';
import { EmptyState } from '@/components/Notice';
import { NewMessageButton } from '@/features/message/NewMessageButton';
import { channelOfTab, type InboxTab } from '@/lib/channel';

import { type InboxSearch, statusChoices } from './filter';

const reasons: Record<InboxTab, { title: string; text: string }> = {
  all: {
    title: 'No conversations yet',
    text: 'Write to a customer, or wait for one to write: every channel comes together here.',
  },
  email: {
    title: 'No e-mail conversations yet',
    text: 'Mail you send and mail customers send to your address appear here.',
  },
  text: {
    title: 'No text messages yet',
    text: 'Text messages to and from your number appear here.',
  },
  calls: {
    title: 'No calls yet',
    text: 'Every call to and from your number is listed here, with its recording and its voicemail.',
  },
  whatsapp: {
    title: 'No WhatsApp messages yet',
    text: 'WhatsApp messages to and from your number appear here. The first one you send is a template.',
  },
  social: {
    title: 'No social messages yet',
    text: 'Social networks are not connected yet. Once they are, direct messages appear here.',
  },
  support: {
    title: 'No support chats yet',
    text: 'The chat widget is not available yet. Once it is, chats from your website appear here.',
  },
};

export interface EmptyInboxProps {
  tab: InboxTab;
  search: InboxSearch;
  onClear: () => void;
}

/** Why the list is empty: nothing matches, nothing has this status, or nothing has happened yet. */
export function EmptyInbox({ tab, search, onClear }: EmptyInboxProps) {
  const channel = channelOfTab(tab);
  const icon = channel ? <ChannelIcon channel={channel} /> : <Inbox aria-hidden />;
  if (Object.keys(search).length > 0) {
    const status = statusChoices.find((s) => s.value === search.status)?.name.toLowerCase();
    const title = search.q
      ? `Nothing found for “${search.q}”`
      : `No ${status && search.status !== 'all' ? `${status} ` : ''}conversations match`;
    return (
      <EmptyState
        icon={icon}
        title={title}
        action={<Button onClick={onClear}>Clear filters</Button>}
      >
        Other conversations may be hidden by the filters above.
      </EmptyState>
    );
  }
  const canWrite = tab !== 'social' && tab !== 'support';
  return (
    <EmptyState
      icon={icon}
      title={reasons[tab].title}
      action={canWrite && <NewMessageButton channel={channel} />}
    >
      {reasons[tab].text}
    </EmptyState>
  );
}
