import type { Message } from '@/api/message';
import { Button } from '@/components/Button';
import { AllowAgain } from '@/features/consent/AllowAgain';

import { useDrafts } from './DraftsProvider';
import { focusComposer } from './focus';

/** What one can do about a failure, as a button where there is one. */
export function RemedyAction({ message }: { message: Message }) {
  switch (message.error?.code) {
    case 'window_closed':
      return <SendTemplate message={message} />;
    case 'opted_out':
    case 'suppressed':
      return (
        <AllowAgain code={message.error.code} channel={message.channel} address={message.to} />
      );
    case 'file_refused':
      return <AttachAgain message={message} />;
    default:
      return null;
  }
}

function SendTemplate({ message }: { message: Message }) {
  const drafts = useDrafts();
  function choose() {
    drafts.change(message.conversationId, (draft) => ({
      ...draft,
      template: draft.template ?? { id: '', language: '', values: {} },
    }));
    focusComposer();
  }
  return <Button onClick={choose}>Send a template</Button>;
}

// The text comes back into the composer; the files are for the person to choose anew.
function AttachAgain({ message }: { message: Message }) {
  const drafts = useDrafts();
  function restore() {
    drafts.change(message.conversationId, (draft) => ({
      ...draft,
      body: draft.body.trim() === '' ? message.body : draft.body,
      ...(message.subject ? { subject: message.subject } : {}),
    }));
    focusComposer();
  }
  return <Button onClick={restore}>Attach again</Button>;
}
