import { Paperclip } from 'lucide-react';
import { useRef } from 'react';

import type { Limits } from '@/api/setting';
import { IconButton } from '@/components/Button';

import { acceptOf, limitsInWords } from './limit';

export interface AttachButtonProps {
  limits: Limits;
  onFiles: (files: File[]) => void;
}

/** Opens the choice of files. Its tooltip says what the channel takes. */
export function AttachButton({ limits, onFiles }: AttachButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton
        label="Attach files"
        title={`Attach files. ${limitsInWords(limits)}`}
        onClick={() => input.current?.click()}
      >
        <Paperclip aria-hidden className="size-4" />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label="Choose files"
        accept={acceptOf(limits)}
        onChange={(e) => {
          onFiles(Array.from(e.target.files ?? []));
          e.target.value = '';
        }}
      />
    </>
  );
}
