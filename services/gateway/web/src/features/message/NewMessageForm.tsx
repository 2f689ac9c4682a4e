import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type SubmitEvent, useId, useRef, useState } from 'react';

import { newKey } from '@/api/client';
import { type OutgoingMessage, sendMessage } from '@/api/message';
import { ProblemError, sentenceOf } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field, inputLook } from '@/components/Field';
import { FormError } from '@/components/Notice';
import { useSettings } from '@/features/setting/useSettings';
import { readableAddress } from '@/lib/address';
import { type Channel, channelNames } from '@/lib/channel';
import { classes } from '@/lib/classes';

import { emailProblem } from '../account/password';
import { useOutbox } from './OutboxProvider';
import { longestText, SegmentCounter } from './SegmentCounter';

const writable = ['sms', 'email'] as const;
type Writable = (typeof writable)[number];

export interface NewMessageFormProps {
  /** The channel to start with, where it can be written on. */
  channel?: Channel;
  onDone: () => void;
}

/** Writes the first message to somebody. */
export function NewMessageForm({ channel: wanted, onDone }: NewMessageFormProps) {
  const [channel, setChannel] = useState<Writable>(wanted === 'email' ? 'email' : 'sms');
  const [to, setTo] = useState('');
  const [subject, setSubject] = useState('');
  const [body, setBody] = useState('');
  const [tried, setTried] = useState(false);
  const bodyId = useId();
  const navigate = useNavigate();
  const outbox = useOutbox();
  const from = useSettings().data?.channels.find((c) => c.channel === channel)?.from;
  // One key for one text: pressing Send again after a lost answer is the same message, a changed text is another.
  const attempt = useRef({ key: '', text: '' });

  const message: OutgoingMessage = {
    channel,
    to: channel === 'sms' ? to.replace(/[\s().-]/g, '') : to.trim(),
    body,
    ...(channel === 'email' && subject.trim() !== '' ? { subject: subject.trim() } : {}),
  };
  const send = useMutation({
    mutationFn: () => {
      const text = JSON.stringify(message);
      if (attempt.current.text !== text) attempt.current = { key: newKey(), text };
      return sendMessage(message, attempt.current.key);
    },
    onSuccess: async (accepted) => {
      outbox.adopt(message, accepted);
      onDone();
      const params = { tab: 'all', conversationId: accepted.conversationId };
      await navigate({ to: '/inbox/$tab/$conversationId', params, search: {} });
    },
  });
  const problems = problemsOf(message);
  const errorOf = (field: 'to' | 'body' | 'subject') =>
    (tried ? problems[field] : undefined) ??
    (send.error instanceof ProblemError ? send.error.field(field) : undefined);

  function submit(event?: SubmitEvent) {
    event?.preventDefault();
    setTried(true);
    if (Object.values(problems).every((p) => p === undefined)) send.mutate();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
  }

  return (
    <form noValidate onSubmit={submit} onKeyDown={onKeyDown} className="flex flex-col gap-4">
      {send.isError && <FormError>{sentenceOf(send.error)}</FormError>}
      <fieldset className="flex gap-2">
        <legend className="mb-1 font-medium">Channel</legend>
        {writable.map((choice) => (
          <label key={choice} className={choiceLook(choice === channel)}>
            <input
              type="radio"
              name="channel"
              className="sr-only"
              checked={choice === channel}
              onChange={() => setChannel(choice)}
            />
            {channelNames[choice]}
          </label>
        ))}
      </fieldset>
      <Field
        label="To"
        type={channel === 'sms' ? 'tel' : 'email'}
        autoFocus
        placeholder={channel === 'sms' ? '+1 415 555 0123' : 'name@example.com'}
        hint={from ? `From ${readableAddress(from)}` : undefined}
        value={to}
        onChange={(e) => setTo(e.target.value)}
        error={errorOf('to')}
      />
      {channel === 'email' && (
        <Field
          label="Subject"
          maxLength={998}
          value={subject}
          onChange={(e) => setSubject(e.target.value)}
          error={errorOf('subject')}
        />
      )}
      <div className="flex flex-col gap-1">
        <label htmlFor={bodyId} className="font-medium">
          Message
        </label>
        <textarea
          id={bodyId}
          rows={5}
          value={body}
          onChange={(e) => setBody(e.target.value)}
          aria-invalid={errorOf('body') ? true : undefined}
          className={classes(inputLook, 'resize-y')}
        />
        {errorOf('body') && <p className="text-xs text-danger">{errorOf('body')}</p>}
        {channel === 'sms' && body !== '' && <SegmentCounter text={body} />}
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" kind="primary" busy={send.isPending}>
          Send
        </Button>
      </div>
    </form>
  );
}

function choiceLook(isChosen: boolean): string {
  return classes(
    'inline-flex h-8 cursor-pointer items-center rounded-md border px-3 has-focus-visible:outline-2 has-focus-visible:outline-accent',
    isChosen ? 'border-accent bg-accent-soft text-accent-ink' : 'border-line-strong hover:bg-hover',
  );
}

function problemsOf(message: OutgoingMessage) {
  const to = message.to ?? '';
  const isNumber = /^\+[1-9]\d{6,14}$/.test(to);
  return {
    to:
      message.channel === 'email'
        ? emailProblem(to)
        : isNumber
          ? undefined
          : 'Enter an international number like +1 415 555 0123.',
    subject:
      message.channel === 'email' && !message.subject ? 'Give the mail a subject.' : undefined,
    body:
      message.body.trim() === ''
        ? 'Write a message.'
        : message.channel === 'sms' && Array.from(message.body).length > longestText
          ? `Shorten it to ${longestText} characters.`
          : undefined,
  };
}
