import { type KeyboardEvent, useId } from 'react';

import type { Conversation } from '@/api/conversation';
import { Button } from '@/components/Button';
import { inputLook } from '@/components/Field';
import { channelNames } from '@/lib/channel';
import { classes } from '@/lib/classes';

import { useDraft } from './draft';
import { useOutbox } from './OutboxProvider';
import { longestText, SegmentCounter } from './SegmentCounter';

/** Where one answers. It belongs to one conversation: the page gives each its own. */
export function Composer({ conversation }: { conversation: Conversation }) {
  const { channel } = conversation;
  if (channel !== 'sms' && channel !== 'email') {
    return (
      <p className="border-t border-line px-4 py-3 text-ink-2">
        Answering on {channelNames[channel]} is not available yet.
      </p>
    );
  }
  return <TextComposer conversation={conversation} channel={channel} />;
}

interface TextComposerProps {
  conversation: Conversation;
  channel: 'sms' | 'email';
}

function TextComposer({ conversation, channel }: TextComposerProps) {
  const [draft, setDraft] = useDraft(conversation.id);
  const outbox = useOutbox();
  const hintId = useId();
  const isMail = channel === 'email';
  const subject = draft.subject ?? answerSubject(conversation.subject);
  const isTooLong = !isMail && Array.from(draft.body).length > longestText;
  const canSend = draft.body.trim() !== '' && !isTooLong;

  function send() {
    if (!canSend) return;
    const message = {
      channel,
      to: conversation.contact.address,
      conversationId: conversation.id,
      body: draft.body,
      ...(isMail && subject.trim() !== '' ? { subject: subject.trim() } : {}),
    };
    setDraft({ body: '' });
    // The thread shows what became of it, and offers to send it again.
    outbox.send(message).catch(() => undefined);
  }

  // Enter sends a text, as people know it from a phone; a mail has paragraphs, so it takes Ctrl or Cmd.
  function onKeyDown(event: KeyboardEvent) {
    const isComposing = event.nativeEvent.isComposing;
    if (event.key !== 'Enter' || isComposing) return;
    const withCommand = event.ctrlKey || event.metaKey;
    if (isMail ? !withCommand : event.shiftKey) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      aria-label="Answer"
      className="flex shrink-0 flex-col gap-2 border-t border-line px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {isMail && (
        <input
          aria-label="Subject"
          placeholder="Subject"
          maxLength={998}
          value={subject}
          onChange={(e) => setDraft({ ...draft, subject: e.target.value })}
          onKeyDown={onKeyDown}
          className={inputLook}
        />
      )}
      <textarea
        aria-label="Message"
        aria-describedby={hintId}
        placeholder={isMail ? 'Write a mail' : 'Write a text message'}
        rows={isMail ? 4 : 1}
        value={draft.body}
        onChange={(e) => setDraft({ ...draft, body: e.target.value })}
        onKeyDown={onKeyDown}
        className={classes(inputLook, 'grow-with-text max-h-60 resize-none', isMail && 'min-h-24')}
      />
      <div className="flex items-center gap-3">
        <p id={hintId} className="hidden flex-1 text-xs text-ink-3 sm:block">
          {isMail
            ? 'Ctrl or ⌘ with Enter sends'
            : 'Enter sends, Shift with Enter starts a new line'}
        </p>
        <span className="flex-1 sm:flex-none">
          {!isMail && draft.body !== '' && <SegmentCounter text={draft.body} />}
        </span>
        <Button type="submit" kind="primary" disabled={!canSend}>
          Send
        </Button>
      </div>
    </form>
  );
}

function answerSubject(subject: string): string {
  if (subject === '') return '';
  return /^re:/i.test(subject) ? subject : `Re: ${subject}`;
}
