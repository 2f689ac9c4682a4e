import type { Conversation } from '@/api/conversation';
import { Button } from '@/components/Button';
import { ComposerFrame } from '@/features/message/ComposerFrame';
import { useDraft, useDrafts } from '@/features/message/DraftsProvider';
import { useOutbox } from '@/features/message/OutboxProvider';

import { missing } from './render';
import { TemplateFields } from './TemplateFields';
import { TemplatePicker } from './TemplatePicker';
import { useTemplates } from './useTemplates';
import { ClosedNote } from './WindowNote';

const none = { id: '', language: '', values: {} };

export interface TemplateComposerProps {
  conversation: Conversation;
  /** Nothing but a template can be sent. */
  isClosed: boolean;
}

/** Sends a template. What was being written freely stays in the draft. */
export function TemplateComposer({ conversation, isClosed }: TemplateComposerProps) {
  const { id, channel, contact } = conversation;
  const [draft, change] = useDraft(id);
  const drafts = useDrafts();
  const outbox = useOutbox();
  const chosen = draft.template ?? none;
  const template = useTemplates(channel).data?.find(
    (t) => t.id === chosen.id && t.language === chosen.language,
  );
  const gaps = template ? missing(template, chosen.values) : [];

  function send() {
    if (!template) return;
    const { values, ...use } = chosen;
    const message = {
      channel,
      to: contact.address,
      conversationId: id,
      template: { ...use, parameters: values },
    };
    drafts.change(id, (held) => ({ ...held, template: undefined }));
    outbox.send(message).catch(() => undefined);
  }

  return (
    <ComposerFrame
      label="Answer with a template"
      note={isClosed && <ClosedNote conversation={conversation} />}
      canSend={template !== undefined && gaps.length === 0}
      onSend={send}
      sendLabel="Send template"
      tools={
        !isClosed && (
          <Button kind="ghost" onClick={() => change({ template: undefined })}>
            Write freely
          </Button>
        )
      }
      status={template && gaps.length > 0 && 'Fill in every value to send'}
    >
      {template ? (
        <TemplateFields
          template={template}
          values={chosen.values}
          onChange={(values) => change({ template: { ...chosen, values } })}
          onBack={() => change({ template: none })}
        />
      ) : (
        <TemplatePicker
          onChoose={(t) => change({ template: { id: t.id, language: t.language, values: {} } })}
        />
      )}
    </ComposerFrame>
  );
}
