import { Phone } from 'lucide-react';
import { useState } from 'react';

import { Button } from '@/components/Button';
import { Dialog } from '@/components/Dialog';
import { readableAddress } from '@/lib/address';

import { CallForm } from './CallForm';
import { useCanCall } from './useCall';

export interface CallButtonProps {
  address: string;
  name: string;
  /** What the button says; without it, the word is left out on a phone. */
  label?: string;
  kind?: 'primary' | 'secondary';
}

/** Calls a customer, where calls are set up and the customer has a number. */
export function CallButton({ address, name, label, kind }: CallButtonProps) {
  const [isOpen, setIsOpen] = useState(false);
  const canCall = useCanCall(address);
  if (!canCall) return null;
  const who = name || readableAddress(address);
  return (
    <>
      <Button kind={kind} aria-label={label ?? 'Call'} onClick={() => setIsOpen(true)}>
        <Phone aria-hidden className="size-4" />
        {label ?? <span className="hidden sm:inline">Call</span>}
      </Button>
      <Dialog title={`Call ${who}`} open={isOpen} onClose={() => setIsOpen(false)}>
        <CallForm address={address} name={name} onDone={() => setIsOpen(false)} />
      </Dialog>
    </>
  );
}
