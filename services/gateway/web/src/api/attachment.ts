import type { Channel } from '@/lib/channel';

import { newKey, upload } from './client';
import type { components } from './schema';

/** A file of a message. */
export type Attachment = components['schemas']['Attachment'];

/** Where the file of a message is. */
export function attachmentUrl(messageId: string, attachmentId: string): string {
  return `/api/messages/${encodeURIComponent(messageId)}/attachments/${encodeURIComponent(attachmentId)}`;
}

export interface UploadOptions {
  channel: Channel;
  /** From 0 to 1. */
  onProgress: (share: number) => void;
  signal: AbortSignal;
}

/** Hands a file over before the message that carries it. */
export function uploadFile(file: File, options: UploadOptions): Promise<Attachment> {
  const form = new FormData();
  form.append('file', file, file.name);
  return upload<Attachment>('/api/attachments', form, {
    query: { channel: options.channel },
    idempotencyKey: newKey(),
    signal: options.signal,
    onProgress: options.onProgress,
  });
}
