import { Button } from '@/components/Button';
import { FileIcon } from '@/features/file/FileIcon';
import { TemplateText } from '@/features/template/TemplateText';
import { classes } from '@/lib/classes';
import { readableSize } from '@/lib/size';

import { draftOf, isEmptyDraft } from './draft';
import { useDrafts } from './DraftsProvider';
import { focusComposer } from './focus';
import { DeliveryTick } from './DeliveryTick';
import { bubble } from './MessageItem';
import { MessageText } from './MessageText';
import type { OutboxEntry } from './outbox';
import { useOutbox } from './OutboxProvider';

/** A message the server has not listed yet. */
export function WaitingItem({ entry }: { entry: OutboxEntry }) {
  const outbox = useOutbox();
  const drafts = useDrafts();
  const { message, state, key, files = [] } = entry;
  const of = message.conversationId;
  const canEdit = of !== undefined && isEmptyDraft(drafts.read(of));

  function edit() {
    if (!of) return;
    drafts.change(of, () => draftOf(message, files));
    outbox.discard(key);
    focusComposer();
  }

  return (
    <li className="flex flex-col items-end gap-1 px-4 py-1.5">
      <span className="sr-only">{message.channel === 'call' ? 'You called:' : 'You wrote:'}</span>
      <div className={classes(bubble(true), 'flex flex-col gap-2')}>
        <WaitingContent entry={entry} />
      </div>
      {state === 'refused' ? (
        <div
          role="alert"
          className="flex max-w-[min(560px,85%)] flex-wrap items-center gap-2 rounded-md bg-danger-soft px-3 py-2"
        >
          <p className="min-w-0 flex-1 basis-40 text-danger">Not sent. {entry.reason}</p>
          <Button onClick={() => outbox.resend(key)}>Resend</Button>
          {canEdit && (
            <Button kind="ghost" onClick={edit}>
              Edit
            </Button>
          )}
          <Button kind="ghost" onClick={() => outbox.discard(key)}>
            Discard
          </Button>
        </div>
      ) : (
        <div className="flex h-5 items-center text-xs text-ink-3">
          <DeliveryTick status={state === 'accepted' ? 'queued' : 'sending'} />
        </div>
      )}
    </li>
  );
}

function WaitingContent({ entry: { message, files = [] } }: { entry: OutboxEntry }) {
  const { channel, subject, body = '', template } = message;
  if (channel === 'call') return <p>Calling…</p>;
  return (
    <>
      {subject && <p className="font-medium">{subject}</p>}
      {files.map((file) => (
        <p key={file.filename} className="flex items-center gap-2 text-ink-2">
          {file.thumbnail ? (
            <img src={file.thumbnail} alt="" className="size-9 rounded object-cover" />
          ) : (
            <FileIcon contentType={file.contentType} className="size-4 shrink-0" />
          )}
          <span className="min-w-0 truncate">{file.filename}</span>
          <span className="shrink-0 text-xs text-ink-3">{readableSize(file.size)}</span>
        </p>
      ))}
      {body !== '' && <MessageText text={body} />}
      {template && (
        <TemplateText
          use={{
            id: template.id,
            language: template.language ?? '',
            parameters: template.parameters ?? {},
          }}
          channel={channel}
        />
      )}
    </>
  );
}
