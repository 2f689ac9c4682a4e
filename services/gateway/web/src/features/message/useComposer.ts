import { type KeyboardEvent } from 'react';

import type { Conversation } from '@/api/conversation';
import type { OutgoingMessage } from '@/api/message';
import { useLimits } from '@/features/file/useAttach';

import { type Draft, htmlOf, outgoingFiles } from './draft';
import { useDraft, useDrafts } from './DraftsProvider';
import { useOutbox } from './OutboxProvider';

/** What every composer does: keeps the draft, knows when it can go, and sends it. */
export function useComposer(conversation: Conversation) {
  const { id, channel, contact } = conversation;
  const [draft, change] = useDraft(id);
  const drafts = useDrafts();
  const outbox = useOutbox();
  const limits = useLimits(channel);
  const isTooLong = limits.maxBody > 0 && Array.from(draft.body).length > limits.maxBody;
  const waits = waitsFor(draft);
  const isEmpty = draft.body.trim() === '' && draft.files.length === 0;
  const canSend = !isEmpty && !isTooLong && waits === undefined;

  function send(extra: Partial<OutgoingMessage> = {}) {
    const files = outgoingFiles(draft);
    const html = channel === 'email' ? htmlOf(draft) : undefined;
    const message: OutgoingMessage = {
      channel,
      to: contact.address,
      conversationId: id,
      body: draft.body,
      ...(html ? { html } : {}),
      ...(files.length > 0 ? { attachments: files } : {}),
      ...extra,
    };
    drafts.discard(id);
    // The thread shows what became of it, and offers to send it again.
    outbox.send(message, draft.files).catch(() => undefined);
  }

  return { draft, change, limits, canSend, waits, send };
}

/** What must happen to the files before the message can go; undefined when it can. */
export function waitsFor(draft: Draft): string | undefined {
  if (draft.files.some((f) => f.state === 'uploading')) return 'Files are being uploaded.';
  if (draft.files.some((f) => f.state !== 'ready')) return 'Remove the files that cannot go.';
  return undefined;
}

/** Enter sends a text, as people know it from a phone; a mail has paragraphs, so it takes Ctrl or Cmd. */
export function sendsOn(event: KeyboardEvent, needsCommand: boolean): boolean {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return false;
  return needsCommand ? event.ctrlKey || event.metaKey : !event.shiftKey;
}
