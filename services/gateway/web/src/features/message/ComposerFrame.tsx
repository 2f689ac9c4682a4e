import type { ReactNode } from 'react';

import { Button } from '@/components/Button';

/** What can be typed into inside the frame has no edge of its own. */
export const innerInput =
  'w-full bg-transparent px-3 py-2 outline-none placeholder:text-ink-3 focus-visible:outline-none';

export interface ComposerFrameProps {
  label: string;
  /** What stands above the frame: what holds for everything written in it. */
  note?: ReactNode;
  children: ReactNode;
  /** Buttons at the left of the bottom bar. */
  tools?: ReactNode;
  /** What is said between the tools and the button. */
  status?: ReactNode;
  sendLabel?: string;
  canSend: boolean;
  onSend: () => void;
}

/** The box one answers in: what is written, and a bar with what one can do with it. */
export function ComposerFrame(props: ComposerFrameProps) {
  const { label, note, children, tools, status, sendLabel = 'Send', canSend, onSend } = props;
  return (
    <form
      aria-label={label}
      className="flex shrink-0 flex-col gap-2 border-t border-line px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend();
      }}
    >
      {note}
      <div className="flex max-h-[60vh] flex-col overflow-hidden rounded-lg border border-line-strong bg-surface transition-colors focus-within:border-accent focus-within:ring-1 focus-within:ring-accent">
        {children}
        <div className="flex shrink-0 items-center gap-2 px-2 pt-1 pb-2">
          {tools}
          <div className="min-w-0 flex-1 truncate text-right text-xs text-ink-3">{status}</div>
          <Button type="submit" kind="primary" disabled={!canSend}>
            {sendLabel}
          </Button>
        </div>
      </div>
    </form>
  );
}
