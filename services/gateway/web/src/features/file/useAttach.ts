import { useCallback } from 'react';

import type { Limits } from '@/api/setting';
import { useDrafts } from '@/features/message/DraftsProvider';
import { useSettings } from '@/features/setting/useSettings';
import type { Channel } from '@/lib/channel';

const unlimited: Limits = {
  maxFiles: 0,
  maxFileBytes: 0,
  maxTotalBytes: 0,
  fileTypes: [],
  maxBody: 0,
  maxRecipients: 0,
};

/** The limits of a channel; none while they are not known, for the server checks them too. */
export function useLimits(channel: Channel): Limits {
  return useSettings().data?.channels.find((c) => c.channel === channel)?.limits ?? unlimited;
}

/** Adds files to a draft, checked against what the channel takes. */
export function useAttach(of: string, channel: Channel): (files: readonly File[]) => void {
  const drafts = useDrafts();
  const limits = useLimits(channel);
  return useCallback(
    (files) => {
      drafts.attach(of, files, { channel, limits });
    },
    [drafts, of, channel, limits],
  );
}
