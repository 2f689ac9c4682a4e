import { Field } from '@/components/Field';
import { useDraft, useDrafts } from '@/features/message/DraftsProvider';
import { useSettings } from '@/features/setting/useSettings';
import { bareNumber, readableAddress } from '@/lib/address';

import { CallForm } from './CallForm';

/** Calls somebody by number. */
export function NewCallForm({ draftOf, onDone }: { draftOf: string; onDone: () => void }) {
  const [draft, change] = useDraft(draftOf);
  const drafts = useDrafts();
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
      />
      <CallForm address={bareNumber(draft.to ?? '')} name="" onDone={leave} />
    </div>
  );
}
