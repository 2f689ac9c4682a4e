import { Route } from 'lucide-react';
import { memo } from 'react';

import type { Message } from '@/api/message';
import { IconButton } from '@/components/Button';
import { classes } from '@/lib/classes';
import { clockTime, fullTime } from '@/lib/time';

import { AttachmentList } from './AttachmentList';
import { DeliveryTick } from './DeliveryTick';
import { FailureNote } from './FailureNote';
import { MailCard } from './MailCard';
import { MessageText } from './MessageText';

export interface MessageItemProps {
  message: Message;
  sender: string;
  onJourney: (messageId: string) => void;
}

/** One message of the thread: a mail as a card, anything else as a bubble. */
export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, sender, onJourney } = props;
  const isOurs = message.direction === 'outbound';
  return (
    <li
      className={classes(
        'group flex flex-col gap-1 px-4 py-1.5',
        isOurs ? 'items-end' : 'items-start',
      )}
    >
      <span className="sr-only">{isOurs ? 'You wrote:' : `${sender} wrote:`}</span>
      {message.channel === 'email' ? (
        <MailCard message={message} />
      ) : (
        <div className={classes(bubble(isOurs), 'flex flex-col gap-2')}>
          {message.body !== '' && <MessageText text={message.body} />}
          <AttachmentList message={message} />
        </div>
      )}
      <div className="flex h-5 items-center gap-2 text-xs text-ink-3">
        <time dateTime={message.createdAt.toISOString()} title={fullTime(message.createdAt)}>
          {clockTime(message.createdAt)}
        </time>
        {isOurs && <DeliveryTick status={message.status} />}
        <IconButton
          label="Journey of this message"
          className="size-5! opacity-60 group-hover:opacity-100 focus-visible:opacity-100"
          onClick={() => onJourney(message.id)}
        >
          <Route aria-hidden className="size-3.5" />
        </IconButton>
      </div>
      {isOurs && <FailureNote message={message} />}
    </li>
  );
});

/** The look of a bubble. */
export function bubble(isOurs: boolean): string {
  return classes(
    'max-w-[min(560px,85%)] rounded-xl px-3 py-2',
    isOurs ? 'rounded-br-sm bg-accent-soft' : 'rounded-bl-sm bg-sunken',
  );
}
