import { type ClipboardEvent, useRef } from 'react';

import type { Conversation } from '@/api/conversation';
import { AttachButton } from '@/features/file/AttachButton';
import { FileTray } from '@/features/file/FileTray';
import { useAttach } from '@/features/file/useAttach';
import { useSettings } from '@/features/setting/useSettings';
import { classes } from '@/lib/classes';

import { ComposerFrame, innerInput } from './ComposerFrame';
import { useDrafts } from './DraftsProvider';
import { MailRecipients } from './MailRecipients';
import { pastePictures } from './paste';
import { isAddress, othersIn } from './recipients';
import { LengthNote } from './LengthNote';
import { sendsOn, useComposer } from './useComposer';
import { useLastMail } from './useLastMail';

/** Where a mail is answered: to whom, about what, and the answer. */
export function MailComposer({ conversation }: { conversation: Conversation }) {
  const { id, contact } = conversation;
  const { draft, change, limits, canSend, waits, send } = useComposer(conversation);
  const drafts = useDrafts();
  const attach = useAttach(id, 'email');
  const ours = useSettings().data?.channels.find((c) => c.channel === 'email')?.from ?? '';
  const others = othersIn(useLastMail(id), contact.address, ours);
  const cc = draft.cc ?? others;
  const bcc = draft.bcc ?? [];
  const subject = draft.subject ?? answerSubject(conversation.subject);
  const box = useRef<HTMLTextAreaElement>(null);
  const problem = recipientProblem([...cc, ...bcc], limits.maxRecipients);
  const isReady = canSend && problem === undefined;

  function submit() {
    if (!isReady) return;
    send({ cc, bcc, ...(subject.trim() === '' ? {} : { subject: subject.trim() }) });
  }

  function onPaste(event: ClipboardEvent<HTMLTextAreaElement>) {
    pastePictures(event, { drafts, of: id, channel: 'email', limits });
  }

  return (
    <ComposerFrame
      label="Answer"
      canSend={isReady}
      onSend={submit}
      tools={<AttachButton limits={limits} onFiles={attach} />}
      status={
        problem ??
        waits ??
        (draft.body === '' ? (
          <span className="hidden sm:inline">Ctrl or ⌘ with Enter sends</span>
        ) : (
          <LengthNote text={draft.body} channel="email" limit={limits.maxBody} />
        ))
      }
    >
      <div
        className="min-h-0 flex-1 overflow-y-auto"
        onKeyDown={(e) => sendsOn(e, true) && submit()}
      >
        <MailRecipients to={contact.address} others={others} cc={cc} bcc={bcc} onChange={change} />
        <input
          aria-label="Subject"
          placeholder="Subject"
          maxLength={998}
          value={subject}
          onChange={(e) => change({ subject: e.target.value })}
          className={classes(innerInput, 'border-b border-line font-medium')}
        />
        <textarea
          ref={box}
          aria-label="Message"
          placeholder="Write a mail"
          rows={4}
          value={draft.body}
          onChange={(e) => change({ body: e.target.value })}
          onPaste={onPaste}
          data-composer
          className={classes(innerInput, 'grow-with-text block max-h-72 min-h-24 resize-none')}
        />
      </div>
      <FileTray of={id} files={draft.files} />
    </ComposerFrame>
  );
}

function recipientProblem(copies: readonly string[], most: number): string | undefined {
  if (copies.some((address) => !isAddress(address))) return 'Correct the marked addresses.';
  if (most > 0 && copies.length + 1 > most) return `At most ${most} recipients in one mail.`;
  return undefined;
}

function answerSubject(subject: string): string {
  if (subject === '') return '';
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`;
}
