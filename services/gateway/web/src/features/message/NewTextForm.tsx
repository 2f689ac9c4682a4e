import { type ClipboardEvent, type KeyboardEvent, type SubmitEvent, useId, useState } from 'react';

import type { OutgoingMessage } from '@/api/message';
import { ProblemError } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field, inputLook } from '@/components/Field';
import { AttachButton } from '@/features/file/AttachButton';
import { FileTray } from '@/features/file/FileTray';
import { useAttach, useLimits } from '@/features/file/useAttach';
import { useDropZone } from '@/features/file/useDropZone';
import { useSettings } from '@/features/setting/useSettings';
import { readableAddress } from '@/lib/address';
import { classes } from '@/lib/classes';

import { useDraft, useDrafts } from './DraftsProvider';
import { LengthNote } from './LengthNote';
import { newMessageOf, problemsOf } from './newMessage';
import { pastePictures } from './paste';
import { RecipientField } from './RecipientField';
import { SendError } from './SendError';
import { useNewMessage } from './useNewMessage';
import { waitsFor } from './useComposer';

export interface NewTextFormProps {
  channel: 'sms' | 'email';
  draftOf: string;
  onDone: () => void;
}

/** The first text or mail to somebody. */
export function NewTextForm({ channel, draftOf, onDone }: NewTextFormProps) {
  const [draft, change] = useDraft(draftOf);
  const drafts = useDrafts();
  const limits = useLimits(channel);
  const attach = useAttach(draftOf, channel);
  const { isOver, zone } = useDropZone(attach);
  const [tried, setTried] = useState(false);
  const bodyId = useId();
  const from = useSettings().data?.channels.find((c) => c.channel === channel)?.from;
  const leave = () => {
    drafts.discard(draftOf);
    onDone();
  };
  const send = useNewMessage(leave);
  const message: OutgoingMessage = newMessageOf(channel, draft);
  const problems = problemsOf(message, draft, limits);
  const waits = waitsFor(draft);
  const errorOf = (field: 'to' | 'body' | 'subject') =>
    (tried ? problems[field] : undefined) ??
    (send.error instanceof ProblemError ? send.error.beside(field) : undefined);

  function submit(event?: SubmitEvent) {
    event?.preventDefault();
    setTried(true);
    const isRight = Object.values(problems).every((p) => p === undefined);
    if (isRight && !waits) send.mutate({ message, files: draft.files });
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
  }

  function onPaste(event: ClipboardEvent<HTMLTextAreaElement>) {
    const target = { drafts, of: draftOf, channel, limits };
    if (channel === 'email') pastePictures(event, target);
    else if (event.clipboardData.files.length > 0) attach(Array.from(event.clipboardData.files));
  }

  return (
    <>
      {send.isError && <SendError error={send.error} channel={channel} to={message.to ?? ''} />}
      <form
        noValidate
        onSubmit={submit}
        onKeyDown={onKeyDown}
        className={classes(
          'flex flex-col gap-4',
          isOver && 'outline-2 outline-accent outline-dashed',
        )}
        {...zone}
      >
        <Field
          label="To"
          type={channel === 'sms' ? 'tel' : 'email'}
          autoFocus
          placeholder={channel === 'sms' ? '+1 415 555 0123' : 'name@example.com'}
          hint={from ? `From ${readableAddress(from)}` : undefined}
          value={draft.to ?? ''}
          onChange={(e) => change({ to: e.target.value })}
          error={errorOf('to')}
        />
        {channel === 'email' && (
          <>
            <div className="rounded-md border border-line-strong [&>*:last-child]:border-0">
              <RecipientField
                label="Cc"
                addresses={draft.cc ?? []}
                onChange={(cc) => change({ cc })}
              />
              <RecipientField
                label="Bcc"
                addresses={draft.bcc ?? []}
                onChange={(bcc) => change({ bcc })}
              />
            </div>
            <Field
              label="Subject"
              maxLength={998}
              value={draft.subject ?? ''}
              onChange={(e) => change({ subject: e.target.value })}
              error={errorOf('subject')}
            />
          </>
        )}
        <div className="flex flex-col gap-1">
          <label htmlFor={bodyId} className="font-medium">
            Message
          </label>
          <textarea
            id={bodyId}
            rows={5}
            value={draft.body}
            onChange={(e) => change({ body: e.target.value })}
            onPaste={onPaste}
            aria-invalid={errorOf('body') ? true : undefined}
            className={classes(inputLook, 'resize-y')}
          />
          {errorOf('body') && <p className="text-xs text-danger">{errorOf('body')}</p>}
          {draft.body !== '' && (
            <p className="text-xs text-ink-3">
              <LengthNote text={draft.body} channel={channel} limit={limits.maxBody} />
            </p>
          )}
        </div>
        <FileTray of={draftOf} files={draft.files} />
        <div className="flex items-center gap-2">
          <AttachButton limits={limits} onFiles={attach} />
          <p className="min-w-0 flex-1 truncate text-xs text-ink-3">{waits}</p>
          <Button onClick={leave}>Discard</Button>
          <Button type="submit" kind="primary" busy={send.isPending} disabled={waits !== undefined}>
            Send
          </Button>
        </div>
      </form>
    </>
  );
}
