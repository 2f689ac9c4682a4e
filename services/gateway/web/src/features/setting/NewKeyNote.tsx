import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

import type { NewApiKey } from '@/api/apiKey';
import { Button } from '@/components/Button';
import { inputLook } from '@/components/Field';
import { classes } from '@/lib/classes';

/** A new key's secret, shown this once. */
export function NewKeyNote({ made, onDone }: { made: NewApiKey; onDone: () => void }) {
  const [isCopied, setIsCopied] = useState(false);

  async function copy() {
    await navigator.clipboard.writeText(made.secret);
    setIsCopied(true);
  }

  return (
    <div role="status" className="flex flex-col gap-2 rounded-lg border border-accent p-4">
      <p className="font-medium">Copy “{made.key.name}” now. It is not shown again.</p>
      <div className="flex gap-2">
        <input
          readOnly
          aria-label="New API key"
          value={made.secret}
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
        <Button kind="ghost" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
