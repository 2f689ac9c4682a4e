import {
  type ConversationFilter,
  type ConversationStatus,
  conversationStatuses,
} from '@/api/conversation';
import { channelOfTab, type InboxTab } from '@/lib/channel';

/** The filters of the inbox as they stand in the address. What is left out is the usual. */
export interface InboxSearch {
  status?: ConversationStatus | 'all';
  unread?: true;
  starred?: true;
  q?: string;
}

export const statusChoices = [
  { value: 'active', name: 'Active' },
  { value: 'closed', name: 'Closed' },
  { value: 'archived', name: 'Archived' },
  { value: 'spam', name: 'Spam' },
  { value: 'all', name: 'All' },
] as const;

/** Reads the filters from the address; what makes no sense is left out. */
export function parseInboxSearch(search: Record<string, unknown>): InboxSearch {
  const status = [...conversationStatuses, 'all' as const].find((s) => s === search.status);
  // A number typed into the address by hand arrives as one.
  const q = typeof search.q === 'string' || typeof search.q === 'number' ? String(search.q) : '';
  return {
    ...(status && status !== 'active' ? { status } : {}),
    ...(search.unread === true ? { unread: true as const } : {}),
    ...(search.starred === true ? { starred: true as const } : {}),
    ...(q !== '' ? { q } : {}),
  };
}

/** What to ask the server for. */
export function toFilter(tab: InboxTab, search: InboxSearch): ConversationFilter {
  const channel = channelOfTab(tab);
  const status = search.status ?? 'active';
  return {
    ...(channel ? { channel } : {}),
    ...(status === 'all' ? {} : { status }),
    ...(search.unread ? { unread: true } : {}),
    ...(search.starred ? { starred: true } : {}),
    ...(search.q ? { q: search.q } : {}),
  };
}
