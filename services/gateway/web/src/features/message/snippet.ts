import type { Message } from '@/api/message';
import { callLine } from '@/features/call/words';
import { type FileKind, kindOf } from '@/features/file/kind';

const words: Partial<Record<FileKind, [string, string]>> = {
  picture: ['Picture', 'pictures'],
  audio: ['Voice message', 'voice messages'],
  video: ['Video', 'videos'],
};

/** The line a list shows of a message. */
export function snippetOf(message: Message): string {
  if (message.call) return callLine(message.call, message.direction, message.status);
  const body = (message.replyBody || message.body).trim();
  if (body !== '') return body.slice(0, 200);
  const [first, ...rest] = message.attachments;
  if (!first) return message.template ? 'Template' : '';
  const kind = kindOf(first.contentType);
  const isOneKind = rest.every((file) => kindOf(file.contentType) === kind);
  const name = words[kind];
  if (name && isOneKind) return rest.length === 0 ? name[0] : `${rest.length + 1} ${name[1]}`;
  return rest.length === 0 ? first.filename : `${rest.length + 1} files`;
}
