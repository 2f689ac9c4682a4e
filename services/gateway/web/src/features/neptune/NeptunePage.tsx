import { Sparkles } from 'lucide-react';

import { ComingPage } from '@/features/shell/ComingPage';

/** The place of the assistant. */
export function NeptunePage() {
  return (
    <ComingPage name="Neptune" icon={<Sparkles aria-hidden />} title="Neptune is not available yet">
      Neptune will suggest answers, sort what comes in and list here what it decided and why, for
      you to approve. Until then nothing is read or answered automatically.
    </ComingPage>
  );
}
