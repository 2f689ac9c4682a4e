import { LayoutTemplate, Route } from 'lucide-react';
import { memo } from 'react';

import type { Message } from '@/api/message';
import { IconButton } from '@/components/Button';
import { CallEntry } from '@/features/call/CallEntry';
import { AttachmentList } from '@/features/file/AttachmentList';
import { TemplateText } from '@/features/template/TemplateText';
import { classes } from '@/lib/classes';
import { clockTime, fullTime } from '@/lib/time';

import { DeliveryTick } from './DeliveryTick';
import { FailureNote } from './FailureNote';
import { MailCard } from './MailCard';
import { MessageText } from './MessageText';
import { messageElementId, ReplyQuote } from './ReplyQuote';

export interface MessageItemProps {
  message: Message;
  sender: string;
  /** The name of the customer; empty when only the address is known. */
  name: string;
  /** The message this one answers, as far as it is loaded. */
  answers?: Message;
  onJourney: (messageId: string) => void;
}

/** One message of the thread: a mail as a card, a call as an entry, anything else as a bubble. */
export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  const { message, sender, name, onJourney } = props;
  const { call, segments } = message;
  const isOurs = message.direction === 'outbound';
  return (
    <li
      id={messageElementId(message.id)}
      tabIndex={-1}
      className={classes(
        'group flex flex-col gap-1 px-4 py-1.5 outline-none focus:bg-hover',
        isOurs ? 'items-end' : 'items-start',
      )}
    >
      <span className="sr-only">{spoken(message, sender)}</span>
      {call ? (
        <CallEntry message={message} call={call} name={name} />
      ) : message.channel === 'email' ? (
        <MailCard message={message} />
      ) : (
        <Bubble {...props} />
      )}
      <div className="flex h-5 items-center gap-2 text-xs text-ink-3">
        <time dateTime={message.createdAt.toISOString()} title={fullTime(message.createdAt)}>
          {clockTime(message.createdAt)}
        </time>
        {segments > 1 && <span>{segments} segments</span>}
        {isOurs && !call && <DeliveryTick status={message.status} />}
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

function Bubble({ message, sender, answers }: MessageItemProps) {
  const { body, attachments, template } = message;
  return (
    <div
      className={classes(
        bubble(message.direction === 'outbound'),
        'flex flex-col items-start gap-2',
      )}
    >
      {template && (
        <p className="flex items-center gap-1 text-xs text-ink-2" title={template.id}>
          <LayoutTemplate aria-hidden className="size-3.5" />
          Template
        </p>
      )}
      {answers && <ReplyQuote to={answers} sender={sender} />}
      <AttachmentList messageId={message.id} attachments={attachments} />
      {body !== '' && <MessageText text={body} />}
      {body === '' && template && <TemplateText use={template} channel={message.channel} />}
      {body === '' && attachments.length === 0 && !template && (
        <p className="text-ink-2">No text</p>
      )}
    </div>
  );
}

function spoken(message: Message, sender: string): string {
  if (message.call) return message.direction === 'outbound' ? 'You called:' : `${sender} called:`;
  return message.direction === 'outbound' ? 'You wrote:' : `${sender} wrote:`;
}

/** The look of a bubble. */
export function bubble(isOurs: boolean): string {
  return classes(
    'max-w-[min(560px,85%)] rounded-xl px-3 py-2',
    isOurs ? 'rounded-br-sm bg-accent-soft' : 'rounded-bl-sm bg-sunken',
  );
}
