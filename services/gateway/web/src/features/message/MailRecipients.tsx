import { useState } from 'react';

import { classes } from '@/lib/classes';

import { RecipientField } from './RecipientField';

export interface MailRecipientsProps {
  to: string;
  /** Who else takes part in the thread. */
  others: readonly string[];
  cc: readonly string[];
  bcc: readonly string[];
  onChange: (patch: { cc?: string[]; bcc?: string[] }) => void;
}

type Copy = 'Cc' | 'Bcc';

/** To whom an answer goes: the customer alone, everybody in the thread, or who else one adds. */
export function MailRecipients(props: MailRecipientsProps) {
  const { to, others, cc, bcc, onChange } = props;
  const [revealed, setRevealed] = useState<readonly Copy[]>([]);
  const shows = (copy: Copy, addresses: readonly string[]) =>
    addresses.length > 0 || revealed.includes(copy);
  const reveal = (copy: Copy) => setRevealed([...revealed, copy]);
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
        {!shows('Cc', cc) && <Reveal name="Cc" onReveal={reveal} />}
        {!shows('Bcc', bcc) && <Reveal name="Bcc" onReveal={reveal} />}
      </div>
      {shows('Cc', cc) && (
        <RecipientField
          label="Cc"
          autoFocus={revealed.at(-1) === 'Cc'}
          addresses={cc}
          onChange={(next) => onChange({ cc: next })}
        />
      )}
      {shows('Bcc', bcc) && (
        <RecipientField
          label="Bcc"
          autoFocus={revealed.at(-1) === 'Bcc'}
          addresses={bcc}
          onChange={(next) => onChange({ bcc: next })}
        />
      )}
    </>
  );
}

function Reveal({ name, onReveal }: { name: Copy; onReveal: (copy: Copy) => void }) {
  return (
    <button
      type="button"
      aria-label={`Add ${name}`}
      onClick={() => onReveal(name)}
      className="h-6 shrink-0 rounded px-1 text-ink-2 hover:text-ink hover:underline"
    >
      {name}
    </button>
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
