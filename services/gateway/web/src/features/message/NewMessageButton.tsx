import { SquarePen } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import type { Channel } from '@/lib/channel';

import { NewMessageForm } from './NewMessageForm';

/** Starts a conversation. */
export function NewMessageButton({ channel }: { channel?: Channel }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button kind="primary" aria-label="New message" onClick={() => setIsOpen(true)}>
        <SquarePen aria-hidden className="size-4" />
        <span className="hidden sm:inline">New message</span>
      </Button>
      <Dialog title="New message" open={isOpen} onClose={() => setIsOpen(false)}>
        <NewMessageForm channel={channel} onDone={() => setIsOpen(false)} />
      </Dialog>
    </>
  );
}
