import { useState } from 'react';

import { Field } from '@/components/Field';
import { useDraft, useDrafts } from '@/features/message/DraftsProvider';
import { recipientProblem } from '@/features/message/newMessage';
import { useSettings } from '@/features/setting/useSettings';
import { bareNumber, readableAddress } from '@/lib/address';

import { CallForm } from './CallForm';

/** Calls somebody by number. */
export function NewCallForm({ draftOf, onDone }: { draftOf: string; onDone: () => void }) {
  const [draft, change] = useDraft(draftOf);
  const drafts = useDrafts();
  const [wasLeft, setWasLeft] = useState(false);
  const address = bareNumber(draft.to ?? '');
  const from = useSettings().data?.channels.find((c) => c.channel === 'call')?.from;
  const leave = () => {
    drafts.discard(draftOf);
    onDone();
  };
  return (
    <div className="flex flex-col gap-4">
      <Field
        label="To"
        type="tel"
        autoFocus
        placeholder="+1 415 555 0123"
        hint={from ? `They see ${readableAddress(from)}` : undefined}
        value={draft.to ?? ''}
        onChange={(e) => change({ to: e.target.value })}
        onBlur={() => setWasLeft(true)}
        error={
          wasLeft && address !== '' ? recipientProblem({ channel: 'call', to: address }) : undefined
        }
      />
      <CallForm address={address} name="" onDone={leave} />
    </div>
  );
}
