import {
  LifeBuoy,
  type LucideIcon,
  Mail,
  MessageCircle,
  MessageSquare,
  Phone,
  Share2,
} from 'lucide-react';

import type { Channel } from '@/lib/channel';

const icons: Record<Channel, LucideIcon> = {
  email: Mail,
  sms: MessageSquare,
  call: Phone,
  whatsapp: MessageCircle,
  social: Share2,
  live_chat: LifeBuoy,
};

/** The mark of a channel. */
export function ChannelIcon({ channel, className }: { channel: Channel; className?: string }) {
  const Icon = icons[channel];
  return <Icon aria-hidden className={className} strokeWidth={2} />;
}
