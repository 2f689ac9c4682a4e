import { Link } from '@tanstack/react-router';
import { Ban, CircleAlert, Star } from 'lucide-react';
import { memo } from 'react';

import type { Conversation } from '@/api/conversation';
import { Avatar } from '@/components/Avatar';
import { hasFailed } from '@/features/message/status';
import { readableAddress } from '@/lib/address';
import { channelNames, type InboxTab } from '@/lib/channel';
import { classes } from '@/lib/classes';
import { fullTime, shortAge } from '@/lib/time';

export interface ConversationRowProps {
  conversation: Conversation;
  tab: InboxTab;
  isSelected: boolean;
  /** Only one row of the list is a stop of the Tab key; the arrows move between them. */
  isCursor: boolean;
  now: Date;
}

/** One line of the inbox. */
export const ConversationRow = memo(function ConversationRow(props: ConversationRowProps) {
  const { conversation, isSelected, isCursor, now } = props;
  const { contact, isUnread, lastMessageAt } = conversation;
  return (
    <Link
      to="/inbox/$tab/$conversationId"
      params={{ tab: props.tab, conversationId: conversation.id }}
      search={(current) => current}
      tabIndex={isCursor ? 0 : -1}
      aria-current={isSelected ? 'true' : undefined}
      data-conversation={conversation.id}
      className={classes(
        'focus-inset relative flex h-full items-center gap-3 border-b border-line px-4',
        isSelected ? 'bg-accent-soft' : 'hover:bg-hover',
      )}
    >
      <Avatar name={contact.name} address={contact.address} channel={conversation.channel} />
      <span className="flex min-w-0 flex-1 flex-col">
        <span className="flex items-baseline gap-2">
          <span className={classes('min-w-0 flex-1 truncate', isUnread && 'font-semibold')}>
            {contact.name || readableAddress(contact.address)}
          </span>
          <span className="sr-only">, {channelNames[conversation.channel]},</span>
          <time
            dateTime={lastMessageAt.toISOString()}
            title={fullTime(lastMessageAt)}
            className="shrink-0 text-xs text-ink-3"
          >
            {shortAge(lastMessageAt, now)}
          </time>
        </span>
        <span className="flex items-center gap-2">
          <Snippet conversation={conversation} />
          <Marks conversation={conversation} />
        </span>
      </span>
    </Link>
  );
});

function Snippet({ conversation }: { conversation: Conversation }) {
  const { channel, isUnread, subject, snippet, lastDirection } = conversation;
  // The line of a call says itself who called whom.
  const isOurs = lastDirection === 'outbound' && channel !== 'call';
  return (
    <span className={classes('min-w-0 flex-1 truncate', isUnread ? 'text-ink' : 'text-ink-2')}>
      {isOurs && <span className="text-ink-3">You: </span>}
      {subject && <span className="text-ink">{subject} — </span>}
      {snippet || (channel === 'call' ? 'Call' : 'No text')}
    </span>
  );
}

function Marks({ conversation }: { conversation: Conversation }) {
  const { consent, isUnread, isStarred, lastStatus } = conversation;
  const isFailed = lastStatus !== undefined && hasFailed(lastStatus);
  return (
    <span className="flex shrink-0 items-center gap-1.5">
      {isFailed && (
        <span title="The last message failed" className="text-danger">
          <CircleAlert aria-hidden className="size-3.5" />
          <span className="sr-only">The last message failed</span>
        </span>
      )}
      {consent?.state === 'opted_out' && (
        <span title="Messages are stopped" className="text-ink-3">
          <Ban aria-hidden className="size-3.5" />
          <span className="sr-only">Messages are stopped</span>
        </span>
      )}
      {isStarred && (
        <span title="Starred" className="text-ink-3">
          <Star aria-hidden className="size-3.5 fill-current" />
          <span className="sr-only">Starred</span>
        </span>
      )}
      {isUnread && (
        <span title="Unread" className="size-2 rounded-full bg-accent">
          <span className="sr-only">Unread</span>
        </span>
      )}
    </span>
  );
}
