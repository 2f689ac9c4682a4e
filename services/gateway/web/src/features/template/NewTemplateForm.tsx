import { type SubmitEvent, useState } from 'react';

import { ProblemError } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { useDraft, useDrafts } from '@/features/message/DraftsProvider';
import { recipientProblem } from '@/features/message/newMessage';
import { SendError } from '@/features/message/SendError';
import { useNewMessage } from '@/features/message/useNewMessage';
import { bareNumber } from '@/lib/address';

import { missing } from './render';
import { TemplateFields } from './TemplateFields';
import { TemplatePicker } from './TemplatePicker';
import { useTemplates } from './useTemplates';

const none = { id: '', language: '', values: {} };

/** The first WhatsApp message to somebody, which can only be a template. */
export function NewTemplateForm({ draftOf, onDone }: { draftOf: string; onDone: () => void }) {
  const [draft, change] = useDraft(draftOf);
  const drafts = useDrafts();
  const [tried, setTried] = useState(false);
  const chosen = draft.template ?? none;
  const template = useTemplates('whatsapp').data?.find(
    (t) => t.id === chosen.id && t.language === chosen.language,
  );
  const leave = () => {
    drafts.discard(draftOf);
    onDone();
  };
  const send = useNewMessage(leave);
  const to = bareNumber(draft.to ?? '');
  const refusal = send.error instanceof ProblemError ? send.error.beside('to') : undefined;
  const problem = tried ? recipientProblem({ channel: 'whatsapp', to }) : undefined;
  const isFilled = template !== undefined && missing(template, chosen.values).length === 0;

  function submit(event: SubmitEvent) {
    event.preventDefault();
    setTried(true);
    if (!isFilled || recipientProblem({ channel: 'whatsapp', to })) return;
    const { values, ...use } = chosen;
    send.mutate({ message: { channel: 'whatsapp', to, template: { ...use, parameters: values } } });
  }

  return (
    <>
      {send.isError && <SendError error={send.error} channel="whatsapp" to={to} />}
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label="To"
          type="tel"
          autoFocus
          placeholder="+1 415 555 0123"
          hint="WhatsApp takes only a template as the first message. Once they answer, you can write freely."
          value={draft.to ?? ''}
          onChange={(e) => change({ to: e.target.value })}
          error={problem ?? refusal}
        />
        <div className="flex min-h-0 flex-col overflow-hidden rounded-lg border border-line-strong">
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
        </div>
        <div className="flex justify-end gap-2">
          <Button onClick={leave}>Discard</Button>
          <Button type="submit" kind="primary" busy={send.isPending} disabled={!isFilled}>
            Send template
          </Button>
        </div>
      </form>
    </>
  );
}
