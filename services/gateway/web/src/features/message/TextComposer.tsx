import { LayoutTemplate } from 'lucide-react';
import { type ClipboardEvent, useId } from 'react';

import type { Conversation } from '@/api/conversation';
import { IconButton } from '@/components/Button';
import { AttachButton } from '@/features/file/AttachButton';
import { FileTray } from '@/features/file/FileTray';
import { useAttach } from '@/features/file/useAttach';
import { WindowNote } from '@/features/template/WindowNote';
import { useSettings } from '@/features/setting/useSettings';
import { classes } from '@/lib/classes';

import { ComposerFrame, innerInput } from './ComposerFrame';
import { LengthNote } from './LengthNote';
import { sendsOn, useComposer } from './useComposer';

const prompts = { sms: 'Write a text message', whatsapp: 'Write a WhatsApp message' };

export interface TextComposerProps {
  conversation: Conversation;
  channel: 'sms' | 'whatsapp';
}

/** Where a text or a WhatsApp message is written. */
export function TextComposer({ conversation, channel }: TextComposerProps) {
  const { draft, change, limits, canSend, waits, send } = useComposer(conversation);
  const attach = useAttach(conversation.id, channel);
  const setting = useSettings().data?.channels.find((c) => c.channel === channel);
  const hintId = useId();

  function onPaste(event: ClipboardEvent) {
    const files = Array.from(event.clipboardData.files);
    if (files.length === 0) return;
    event.preventDefault();
    attach(files);
  }

  return (
    <ComposerFrame
      label="Answer"
      note={conversation.hasWindow && <WindowNote conversation={conversation} />}
      canSend={canSend}
      onSend={send}
      tools={
        <>
          <AttachButton limits={limits} onFiles={attach} />
          {setting?.hasTemplates && (
            <IconButton
              label="Use a template"
              onClick={() => change({ template: { id: '', language: '', values: {} } })}
            >
              <LayoutTemplate aria-hidden className="size-4" />
            </IconButton>
          )}
        </>
      }
      status={
        waits ??
        (draft.body === '' ? (
          <span id={hintId} className="hidden sm:inline">
            Enter sends, Shift with Enter starts a new line
          </span>
        ) : (
          <LengthNote text={draft.body} channel={channel} limit={limits.maxBody} />
        ))
      }
    >
      <textarea
        aria-label="Message"
        aria-describedby={hintId}
        placeholder={prompts[channel]}
        rows={1}
        value={draft.body}
        onChange={(e) => change({ body: e.target.value })}
        onPaste={onPaste}
        onKeyDown={(event) => {
          if (!sendsOn(event, false)) return;
          event.preventDefault();
          if (canSend) send();
        }}
        data-composer
        className={classes(innerInput, 'grow-with-text max-h-60 min-h-10 shrink-0 resize-none')}
      />
      <FileTray of={conversation.id} files={draft.files} />
    </ComposerFrame>
  );
}
