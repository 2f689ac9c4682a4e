import { useState } from 'react';

import { Button } from '@/components/Button';
import type { Channel } from '@/lib/channel';

import { ConsentDialog } from './ConsentDialog';

const warnings: Record<string, string> = {
  opted_out: 'The customer did not want messages.',
  suppressed: 'Mail to this address came back for good.',
};

export interface AllowAgainProps {
  /** The code of what stopped a message; with another there is nothing to allow, and no button. */
  code: string;
  channel: Channel;
  address: string;
}

/** Lets messages to an address through again, where that is what stopped one. */
export function AllowAgain({ code, channel, address }: AllowAgainProps) {
  const [asks, setAsks] = useState(false);
  const warning = warnings[code];
  if (warning === undefined) return null;
  return (
    <>
      <Button onClick={() => setAsks(true)}>Allow again…</Button>
      <ConsentDialog
        channel={channel}
        address={address}
        state="opted_in"
        warning={warning}
        open={asks}
        onClose={() => setAsks(false)}
      />
    </>
  );
}
