import { ApiKeySection } from './ApiKeySection';
import { ChannelSection } from './ChannelSection';

/** The channels of the workspace, and the keys of the programs that use them. */
export function ChannelsPage() {
  return (
    <>
      <ChannelSection />
      <ApiKeySection />
    </>
  );
}
