import { ChevronLeft, ChevronRight, Download, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';

import { classes } from '@/lib/classes';

export interface ViewedPicture {
  id: string;
  filename: string;
  src: string;
}

export interface PictureViewerProps {
  pictures: readonly ViewedPicture[];
  /** The picture to show; undefined shuts the viewer. */
  open: number | undefined;
  onMove: (to: number | undefined) => void;
}

const button =
  'inline-flex size-9 items-center justify-center rounded-full bg-raised text-ink shadow-pop hover:bg-hover';

/** The pictures of a message, one at a time and as large as the page. The arrow keys go through them. */
export function PictureViewer({ pictures, open, onMove }: PictureViewerProps) {
  const picture = open === undefined ? undefined : pictures[open];
  const at = open ?? 0;

  function move(by: number) {
    const to = at + by;
    if (to >= 0 && to < pictures.length) onMove(to);
  }

  return (
    <Dialog.Root open={picture !== undefined} onOpenChange={(is) => !is && onMove(undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-appear bg-[rgb(0_0_0/0.8)]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-0 z-50 flex items-center justify-center p-4 outline-none sm:p-14"
          onKeyDown={(e) => {
            if (e.key === 'ArrowLeft') move(-1);
            if (e.key === 'ArrowRight') move(1);
          }}
          onClick={(e) => e.target === e.currentTarget && onMove(undefined)}
        >
          <Dialog.Title className="sr-only">{picture?.filename}</Dialog.Title>
          {picture && (
            <img
              src={picture.src}
              alt={picture.filename}
              className="max-h-full max-w-full rounded-lg object-contain"
            />
          )}
          <div className="absolute top-3 right-3 flex gap-2">
            {picture && (
              <a
                href={picture.src}
                download={picture.filename}
                aria-label={`Download ${picture.filename}`}
                className={button}
              >
                <Download aria-hidden className="size-4" />
              </a>
            )}
            <Dialog.Close aria-label="Close" className={button}>
              <X aria-hidden className="size-4" />
            </Dialog.Close>
          </div>
          {pictures.length > 1 && (
            <>
              <Step label="Previous picture" side="left-3" isOff={at === 0} onStep={() => move(-1)}>
                <ChevronLeft aria-hidden className="size-5" />
              </Step>
              <Step
                label="Next picture"
                side="right-3"
                isOff={at === pictures.length - 1}
                onStep={() => move(1)}
              >
                <ChevronRight aria-hidden className="size-5" />
              </Step>
            </>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface StepProps {
  label: string;
  side: string;
  isOff: boolean;
  onStep: () => void;
  children: ReactNode;
}

function Step({ label, side, isOff, onStep, children }: StepProps) {
  return (
    <button
      type="button"
      aria-label={label}
      disabled={isOff}
      onClick={onStep}
      className={classes(button, 'absolute top-1/2 -translate-y-1/2 disabled:opacity-40', side)}
    >
      {children}
    </button>
  );
}
