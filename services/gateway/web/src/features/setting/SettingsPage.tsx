import { useEffect } from 'react';

import { ApiKeySection } from './ApiKeySection';
import { ChannelSection } from './ChannelSection';

/** The settings of the workspace. */
export function SettingsPage() {
  useEffect(() => {
    document.title = 'Settings · Conversations';
  }, []);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto flex max-w-3xl flex-col gap-8 px-4 py-8">
        <h1 className="text-xl font-semibold">Settings</h1>
        <ChannelSection />
        <ApiKeySection />
      </div>
    </div>
  );
}
