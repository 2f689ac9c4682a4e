import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

import { classes } from '@/lib/classes';

import { Button } from './Button';
import { inputLook } from './Field';

/** Text to be taken elsewhere: it can be selected, and copied with one press. */
export function CopyField({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState('');

  async function copy() {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  }

  const isCopied = copied === text;
  return (
    <div className="flex min-w-0 flex-1 gap-2">
      <input
        readOnly
        aria-label={label}
        value={text}
        onFocus={(e) => e.target.select()}
        className={classes(inputLook, 'font-mono text-xs')}
      />
      {/* The clipboard is closed to pages served without TLS from another machine; the field can be selected. */}
      {'clipboard' in navigator && (
        <Button onClick={() => void copy()}>
          {isCopied ? (
            <Check aria-hidden className="size-4" />
          ) : (
            <Copy aria-hidden className="size-4" />
          )}
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      )}
    </div>
  );
}
