import type { Limits } from '@/api/setting';
import type { Channel } from '@/lib/channel';
import { readableSize } from '@/lib/size';

import { bare, wordFor } from './kind';

/** A file as far as limits look at it. */
export interface SizedFile {
  filename: string;
  contentType: string;
  size: number;
}

const senders: Record<Channel, string> = {
  email: 'e-mail',
  sms: 'SMS',
  whatsapp: 'WhatsApp',
  call: 'a call',
  social: 'this channel',
  live_chat: 'the chat',
};

/** Why a file cannot be added to those that are there, or undefined when it can. */
export function refusalOf(
  file: SizedFile,
  others: readonly SizedFile[],
  limits: Limits,
  channel: Channel,
): string | undefined {
  const takes = `${senders[channel]} takes`;
  const what = `${wordFor(file)} of ${readableSize(file.size)}`;
  if (file.size === 0) return 'The file is empty.';
  if (!isTaken(file.contentType, limits.fileTypes)) {
    return `${wordFor(file)}: ${takes} only ${typesInWords(limits.fileTypes)}.`;
  }
  if (limits.maxFiles > 0 && others.length >= limits.maxFiles) {
    return `One file too many: ${takes} at most ${limits.maxFiles} in one message.`;
  }
  const most = mostBytes(file.contentType, limits);
  if (most > 0 && file.size > most) {
    return `${what}: ${takes} at most ${readableSize(most)}.`;
  }
  const end = endOf(file.filename);
  if (limits.refusedExtensions?.includes(end)) {
    return `Files that end with ${end} cannot be sent: ${senders[channel]} does not take them.`;
  }
  const total = others.reduce((sum, other) => sum + other.size, file.size);
  if (limits.maxTotalBytes > 0 && total > limits.maxTotalBytes) {
    const sum = others.length > 0 ? `, ${readableSize(total)} with the others` : '';
    return `${what}${sum}: ${takes} at most ${readableSize(limits.maxTotalBytes)} in one message.`;
  }
  return undefined;
}

/** "Up to 10 files, 5 MB each: pictures, audio, PDF": what a channel takes, before anything is tried. */
export function limitsInWords(limits: Limits): string {
  const { maxFiles, maxFileBytes, maxTotalBytes } = limits;
  const isOne = maxFiles === 1;
  const count = isOne ? '1 file' : maxFiles > 0 ? `Up to ${maxFiles} files` : 'Files';
  const each =
    maxFileBytes > 0
      ? isOne
        ? `up to ${readableSize(maxFileBytes)}`
        : `${readableSize(maxFileBytes)} each`
      : '';
  const total =
    maxTotalBytes > 0 && !isOne && maxTotalBytes !== maxFileBytes
      ? `${readableSize(maxTotalBytes)} together`
      : '';
  const sizes = [count, each, total].filter(Boolean).join(', ');
  return limits.fileTypes.length > 0 ? `${sizes}: ${typesInWords(limits.fileTypes)}` : sizes;
}

/** The accept attribute of a file input. */
export function acceptOf(limits: Limits): string | undefined {
  if (limits.fileTypes.length === 0) return undefined;
  return limits.fileTypes.map((type) => (type.endsWith('/') ? `${type}*` : type)).join(',');
}

function isTaken(contentType: string, types: readonly string[]): boolean {
  return types.length === 0 || types.some((taken) => isOfType(contentType, taken));
}

// The limit of its type goes before the one of all.
function mostBytes(contentType: string, limits: Limits): number {
  const own = Object.entries(limits.maxTypeBytes ?? {}).find(([type]) =>
    isOfType(contentType, type),
  );
  return own?.[1] ?? limits.maxFileBytes;
}

function isOfType(contentType: string, listed: string): boolean {
  const type = bare(contentType);
  return listed.endsWith('/') ? type.startsWith(listed) : type === bare(listed);
}

function endOf(filename: string): string {
  return /\.[^.]+$/.exec(filename.replace(/[. ]+$/, ''))?.[0].toLowerCase() ?? '';
}

const families: Record<string, string> = {
  image: 'pictures',
  audio: 'audio',
  video: 'video',
  text: 'text files',
  application: 'documents',
};

// A provider lists thirty types; people think in five.
function typesInWords(types: readonly string[]): string {
  const words = types.map((type) => {
    if (bare(type) === 'application/pdf') return 'PDF';
    return families[type.split('/')[0] ?? ''] ?? 'other files';
  });
  return [...new Set(words)].join(', ');
}
