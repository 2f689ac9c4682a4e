import { classes } from '@/lib/classes';

import { RecipientField } from './RecipientField';

export interface MailRecipientsProps {
  to: string;
  /** Who else takes part in the thread. */
  others: readonly string[];
  cc: readonly string[];
  bcc: readonly string[];
  showsCopies: boolean;
  onShowCopies: () => void;
  onChange: (patch: { cc?: string[]; bcc?: string[] }) => void;
}

/** To whom an answer goes: the customer alone, everybody in the thread, or who else one adds. */
export function MailRecipients(props: MailRecipientsProps) {
  const { to, others, cc, bcc, showsCopies, onShowCopies, onChange } = props;
  const isToAll = others.length > 0 && others.every((other) => cc.includes(other));
  return (
    <>
      <div className="flex min-h-9 items-center gap-2 border-b border-line px-3 py-1">
        <span className="w-8 shrink-0 text-ink-3">To</span>
        <span className="min-w-0 flex-1 truncate">{to}</span>
        {others.length > 0 && (
          <div role="group" aria-label="Answer goes to" className="flex shrink-0 gap-1">
            <Choice name="Reply" isOn={!isToAll} onChoose={() => onChange({ cc: [] })} />
            <Choice name="Reply all" isOn={isToAll} onChoose={() => onChange({ cc: undefined })} />
          </div>
        )}
        {!showsCopies && (
          <button
            type="button"
            onClick={onShowCopies}
            className="shrink-0 rounded px-1 text-ink-2 hover:text-ink hover:underline"
          >
            Cc Bcc
          </button>
        )}
      </div>
      {showsCopies && (
        <>
          <RecipientField label="Cc" addresses={cc} onChange={(next) => onChange({ cc: next })} />
          <RecipientField
            label="Bcc"
            addresses={bcc}
            onChange={(next) => onChange({ bcc: next })}
          />
        </>
      )}
    </>
  );
}

function Choice(props: { name: string; isOn: boolean; onChoose: () => void }) {
  const { name, isOn, onChoose } = props;
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onChoose}
      className={classes(
        'h-6 rounded-full px-2 text-xs font-medium',
        isOn ? 'bg-accent-soft text-accent-ink' : 'text-ink-2 hover:bg-sunken',
      )}
    >
      {name}
    </button>
  );
}
