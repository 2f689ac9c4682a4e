import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import type { ReactNode } from 'react';

import { classes } from '@/lib/classes';

import { IconButton } from './Button';

export interface DialogProps {
  title: string;
  description?: string;
  open: boolean;
  onClose: () => void;
  /** A drawer comes in from the right and is as high as the page. */
  shape?: 'dialog' | 'drawer';
  children: ReactNode;
}

const shapes = {
  dialog:
    'left-1/2 top-[10vh] max-h-[84vh] w-[min(560px,calc(100vw-32px))] -translate-x-1/2 rounded-lg animate-appear',
  drawer: 'right-0 top-0 h-full w-[min(400px,100vw)] border-l border-line animate-slide',
};

/** A window over the page. Focus stays inside, Escape closes it, and focus returns to where it was. */
export function Dialog(props: DialogProps) {
  const { title, description, open, onClose, shape = 'dialog', children } = props;
  return (
    <Primitive.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 animate-appear bg-[rgb(0_0_0/0.32)]" />
        <Primitive.Content
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={classes(
            'fixed z-50 flex flex-col overflow-hidden bg-raised shadow-pop',
            shapes[shape],
          )}
        >
          <header className="flex items-start justify-between gap-4 border-b border-line px-4 py-2">
            <div className="py-1">
              <Primitive.Title className="font-semibold">{title}</Primitive.Title>
              {description && (
                <Primitive.Description className="text-ink-2">{description}</Primitive.Description>
              )}
            </div>
            <Primitive.Close asChild>
              <IconButton label="Close">
                <X aria-hidden className="size-4" />
              </IconButton>
            </Primitive.Close>
          </header>
          <div className="min-h-0 overflow-y-auto p-4">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
