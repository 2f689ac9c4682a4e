/** The channels, in the order of the page's tabs. */
export const channels = ['email', 'sms', 'call', 'whatsapp', 'social', 'live_chat'] as const;
export type Channel = (typeof channels)[number];

/** What the page calls a channel. */
export const channelNames: Record<Channel, string> = {
  email: 'Email',
  sms: 'Text',
  call: 'Calls',
  whatsapp: 'WhatsApp',
  social: 'Social',
  live_chat: 'Support',
};

/** The filters over the one inbox, as the tab bar shows them. */
export const inboxTabs = [
  { tab: 'all', name: 'All', channel: undefined },
  { tab: 'email', name: 'Email', channel: 'email' },
  { tab: 'text', name: 'Text', channel: 'sms' },
  { tab: 'calls', name: 'Calls', channel: 'call' },
  { tab: 'whatsapp', name: 'WhatsApp', channel: 'whatsapp' },
  { tab: 'social', name: 'Social', channel: 'social' },
  { tab: 'support', name: 'Support', channel: 'live_chat' },
] as const satisfies readonly { tab: string; name: string; channel: Channel | undefined }[];

export type InboxTab = (typeof inboxTabs)[number]['tab'];

/** The tab named in the address; an unknown name is the whole inbox. */
export function parseInboxTab(text: string): InboxTab {
  return inboxTabs.find((t) => t.tab === text)?.tab ?? 'all';
}

/** The channel a tab filters by; undefined is every channel. */
export function channelOfTab(tab: InboxTab): Channel | undefined {
  return inboxTabs.find((t) => t.tab === tab)?.channel;
}
