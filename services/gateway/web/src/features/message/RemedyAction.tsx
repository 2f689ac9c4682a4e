import { useState } from 'react';

import type { Message } from '@/api/message';
import { Button } from '@/components/Button';
import { ConsentDialog } from '@/features/consent/ConsentDialog';

import { useDrafts } from './DraftsProvider';
import { focusComposer } from './focus';

/** What one can do about a failure, as a button where there is one. */
export function RemedyAction({ message }: { message: Message }) {
  switch (message.error?.code) {
    case 'window_closed':
      return <SendTemplate message={message} />;
    case 'opted_out':
    case 'suppressed':
      return <AllowAgain message={message} code={message.error.code} />;
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

const warnings = {
  opted_out: 'The customer did not want messages.',
  suppressed: 'Mail to this address came back for good.',
};

function AllowAgain({ message, code }: { message: Message; code: keyof typeof warnings }) {
  const [asks, setAsks] = useState(false);
  return (
    <>
      <Button onClick={() => setAsks(true)}>Allow again…</Button>
      <ConsentDialog
        channel={message.channel}
        address={message.to}
        state="opted_in"
        warning={warnings[code]}
        open={asks}
        onClose={() => setAsks(false)}
      />
    </>
  );
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
