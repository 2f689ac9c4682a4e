import { Users } from 'lucide-react';

import { ComingPage } from '@/features/shell/ComingPage';

/** The place of the team's own chat. */
export function TeamPage() {
  return (
    <ComingPage name="Team" icon={<Users aria-hidden />} title="Team chat is not available yet">
      The people of your workspace will talk to each other here, in channels and in direct messages,
      and show each other conversations with customers. Customers never see any of it.
    </ComingPage>
  );
}
