import { X } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useId, useState } from 'react';

import { classes } from '@/lib/classes';

import { addAddresses, isAddress, splitAddresses } from './recipients';

export interface RecipientFieldProps {
  label: string;
  addresses: readonly string[];
  autoFocus?: boolean;
  onChange: (addresses: string[]) => void;
}

/** Addresses as chips. Enter, a comma or leaving the field makes a chip; Backspace takes the last one back. */
export function RecipientField({ label, addresses, autoFocus, onChange }: RecipientFieldProps) {
  const [text, setText] = useState('');
  const id = useId();

  function commit(typed: string) {
    setText('');
    const added = splitAddresses(typed);
    if (added.length > 0) onChange(addAddresses(addresses, added));
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    const isEnd = ['Enter', ',', ';'].includes(event.key) || (event.key === ' ' && isAddress(text));
    if (isEnd && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      commit(text);
    } else if (event.key === 'Backspace' && text === '' && addresses.length > 0) {
      event.preventDefault();
      setText(addresses.at(-1) ?? '');
      onChange(addresses.slice(0, -1));
    }
  }

  function onPaste(event: ClipboardEvent) {
    const pasted = event.clipboardData.getData('text');
    if (!/[,;\n]/.test(pasted)) return;
    event.preventDefault();
    commit(`${text}${pasted}`);
  }

  return (
    <div className="flex min-h-9 items-start gap-2 border-b border-line px-3 py-1">
      <label htmlFor={id} className="w-8 shrink-0 py-1 text-ink-3">
        {label}
      </label>
      <ul aria-label={`${label} addresses`} className="flex min-w-0 flex-1 flex-wrap gap-1">
        {addresses.map((address) => (
          <Chip
            key={address}
            address={address}
            onRemove={() => onChange(addresses.filter((a) => a !== address))}
          />
        ))}
        <li className="min-w-24 flex-1">
          <input
            id={id}
            type="text"
            inputMode="email"
            autoComplete="off"
            autoFocus={autoFocus}
            value={text}
            onChange={(e) => setText(e.target.value)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={() => commit(text)}
            className="h-7 w-full bg-transparent outline-none"
          />
        </li>
      </ul>
    </div>
  );
}

function Chip({ address, onRemove }: { address: string; onRemove: () => void }) {
  const isWrong = !isAddress(address);
  return (
    <li
      className={classes(
        'inline-flex h-7 max-w-full items-center gap-1 rounded-full pr-1 pl-3 text-xs',
        isWrong ? 'bg-danger-soft text-danger' : 'bg-sunken',
      )}
    >
      <span className="truncate">{address}</span>
      {isWrong && <span className="shrink-0">· not an address</span>}
      <button
        type="button"
        aria-label={`Remove ${address}`}
        onClick={onRemove}
        className="inline-flex size-5 shrink-0 items-center justify-center rounded-full hover:bg-line"
      >
        <X aria-hidden className="size-3" />
      </button>
    </li>
  );
}
