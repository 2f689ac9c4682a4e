import { useMe } from '@/features/call/useCall';

import { ApiKeySection } from './ApiKeySection';
import { ChannelSection } from './ChannelSection';

/** The channels of the workspace, and to those who manage it the keys of the programs that use them. */
export function ChannelsPage() {
  const me = useMe();
  return (
    <>
      <ChannelSection />
      {me !== undefined && me.role !== 'agent' && <ApiKeySection />}
    </>
  );
}
