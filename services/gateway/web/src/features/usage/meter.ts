import type { Meter } from '@/api/usage';

/** What each meter counts, as a heading. */
export const meterNames: Record<Meter, string> = {
  email: 'E-mails',
  sms: 'Text segments',
  mms: 'Picture messages',
  whatsapp: 'WhatsApp messages',
  call_minute: 'Call minutes',
  recording: 'Recordings',
};

/** The name of a meter that may be newer than this page. */
export function meterName(meter: string): string {
  return (meterNames as Record<string, string>)[meter] ?? meter;
}
