import type { OutgoingMessage } from '@/api/message';
import type { Limits } from '@/api/setting';
import { bareNumber, isPhone } from '@/lib/address';

import { type Draft, htmlOf, outgoingFiles } from './draft';
import { isAddress } from './recipients';

/** The first message to somebody, as a draft has it. */
export function newMessageOf(channel: 'sms' | 'email', draft: Draft): OutgoingMessage {
  const to = draft.to ?? '';
  const attachments = outgoingFiles(draft);
  const files = attachments.length > 0 ? { attachments } : {};
  if (channel === 'sms') return { channel, to: bareNumber(to), body: draft.body, ...files };
  const html = htmlOf(draft);
  const subject = draft.subject?.trim() ?? '';
  return {
    channel,
    to: to.trim(),
    body: draft.body,
    ...(subject === '' ? {} : { subject }),
    ...(html ? { html } : {}),
    ...(draft.cc?.length ? { cc: draft.cc } : {}),
    ...(draft.bcc?.length ? { bcc: draft.bcc } : {}),
    ...files,
  };
}

/** What is wrong with the first message to somebody, by field. */
export function problemsOf(message: OutgoingMessage, draft: Draft, limits: Limits) {
  const body = draft.body.trim();
  const length = Array.from(draft.body).length;
  const copies = [...(draft.cc ?? []), ...(draft.bcc ?? [])];
  return {
    to: recipientProblem(message),
    copies: copies.every(isAddress) ? undefined : 'Correct the marked addresses.',
    subject:
      message.channel === 'email' && !message.subject ? 'Give the mail a subject.' : undefined,
    body:
      body === '' && draft.files.length === 0
        ? 'Write a message.'
        : limits.maxBody > 0 && length > limits.maxBody
          ? `Shorten it to ${limits.maxBody} characters.`
          : undefined,
  };
}

/** What is wrong with whom a message goes to. */
export function recipientProblem({ channel, to = '' }: Pick<OutgoingMessage, 'channel' | 'to'>) {
  if (channel === 'email') {
    return isAddress(to) ? undefined : 'Enter an address like name@example.com.';
  }
  return isPhone(to) ? undefined : 'Enter an international number like +1 415 555 0123.';
}
