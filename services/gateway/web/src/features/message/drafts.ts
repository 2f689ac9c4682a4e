import type { Attachment, UploadOptions } from '@/api/attachment';
import { newKey } from '@/api/client';
import { ProblemError, sentenceOf } from '@/api/problem';
import type { Limits } from '@/api/setting';
import { refusalOf } from '@/features/file/limit';
import type { Channel } from '@/lib/channel';

import {
  type Draft,
  type DraftFile,
  emptyDraft,
  isEmptyDraft,
  parseDraft,
  pictureMark,
} from './draft';

/** How files join a draft. */
export interface AttachOptions {
  channel: Channel;
  limits: Limits;
  /** True for pictures that are to stand in the text. */
  inText?: boolean;
}

/** Everything that is being written, kept on this device. A draft belongs to one conversation and is in no other. */
export interface Drafts {
  subscribe: (listener: () => void) => () => void;
  read: (of: string) => Draft;
  change: (of: string, change: (draft: Draft) => Draft) => void;
  /** Uploads files into a draft; it goes on while another conversation is open. Answers with what it made of them. */
  attach: (of: string, files: readonly File[], options: AttachOptions) => DraftFile[];
  retry: (of: string, fileKey: string) => void;
  remove: (of: string, fileKey: string) => void;
  /** Forgets a draft that was sent or given up. */
  discard: (of: string) => void;
  clear: () => void;
}

export interface DraftsOptions {
  storage: Storage;
  upload: (file: File, options: UploadOptions) => Promise<Attachment>;
  /** Makes a small picture of a file, as a data URL. */
  shrink?: (file: File) => Promise<string | undefined>;
}

interface Upload {
  file: File;
  channel: Channel;
  controller: AbortController;
}

const prefix = 'conversations.draft.';

/** Makes the drafts of this device. */
export function createDrafts({ storage, upload, shrink }: DraftsOptions): Drafts {
  const listeners = new Set<() => void>();
  const held = new Map<string, Draft>();
  const uploads = new Map<string, Upload>();

  function read(of: string): Draft {
    const draft = held.get(of) ?? parseDraft(storage.getItem(prefix + of));
    held.set(of, draft);
    return draft;
  }

  function write(of: string, draft: Draft): void {
    held.set(of, draft);
    listeners.forEach((listener) => listener());
    if (isEmptyDraft(draft)) storage.removeItem(prefix + of);
    else keep(of, draft);
  }

  // A full storage must not stop anybody from writing; without room the draft lives as long as the page.
  function keep(of: string, draft: Draft): void {
    try {
      storage.setItem(prefix + of, JSON.stringify(draft));
    } catch {
      storage.removeItem(prefix + of);
    }
  }

  function changeFile(of: string, key: string, patch: Partial<DraftFile>): void {
    const draft = read(of);
    if (!draft.files.some((f) => f.key === key)) return;
    const files = draft.files.map((f) => (f.key === key ? { ...f, ...patch } : f));
    write(of, { ...draft, files });
  }

  async function run(of: string, key: string): Promise<void> {
    const task = uploads.get(key);
    if (!task) return;
    try {
      const { id } = await upload(task.file, {
        channel: task.channel,
        signal: task.controller.signal,
        onProgress: (progress) => changeFile(of, key, { progress }),
      });
      uploads.delete(key);
      changeFile(of, key, { state: 'ready', progress: 1, id, reason: undefined });
    } catch (error) {
      if (!task.controller.signal.aborted) {
        const state = isFinal(error) ? 'refused' : 'failed';
        changeFile(of, key, { state, reason: sentenceOf(error) });
      }
    }
  }

  async function picture(of: string, key: string, file: File): Promise<void> {
    const thumbnail = await shrink?.(file).catch(() => undefined);
    if (thumbnail) changeFile(of, key, { thumbnail });
  }

  function add(of: string, file: File, options: AttachOptions): DraftFile {
    const draft = read(of);
    const filename = unused(file.name || 'file', draft.files);
    const contentType = file.type || 'application/octet-stream';
    const sized = { filename, contentType, size: file.size };
    const taken = draft.files.filter((f) => f.state !== 'refused');
    const reason = refusalOf(sized, taken, options.limits, options.channel);
    const key = newKey();
    const added: DraftFile = {
      ...sized,
      key,
      state: reason ? 'refused' : 'uploading',
      progress: 0,
      reason,
      ...(options.inText && !reason ? { contentId: `${key}@conversations` } : {}),
    };
    write(of, { ...draft, files: [...draft.files, added] });
    if (!reason) {
      const renamed =
        filename === file.name ? file : new File([file], filename, { type: file.type });
      const controller = new AbortController();
      uploads.set(key, { file: renamed, channel: options.channel, controller });
      void run(of, key);
      if (contentType.startsWith('image/')) void picture(of, key, file);
    }
    return added;
  }

  function stop(fileKey: string): void {
    uploads.get(fileKey)?.controller.abort();
    uploads.delete(fileKey);
  }

  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    read,
    change: (of, change) => write(of, change(read(of))),
    attach: (of, files, options) => files.map((file) => add(of, file, options)),
    retry: (of, fileKey) => {
      if (!uploads.has(fileKey)) return;
      changeFile(of, fileKey, { state: 'uploading', progress: 0, reason: undefined });
      void run(of, fileKey);
    },
    remove: (of, fileKey) => {
      stop(fileKey);
      const draft = read(of);
      const gone = draft.files.find((f) => f.key === fileKey);
      const body = gone?.contentId ? draft.body.replaceAll(pictureMark(gone), '') : draft.body;
      write(of, { ...draft, body, files: draft.files.filter((f) => f.key !== fileKey) });
    },
    discard: (of) => {
      read(of).files.forEach((f) => stop(f.key));
      write(of, emptyDraft);
    },
    clear: () => {
      uploads.forEach((task) => task.controller.abort());
      uploads.clear();
      held.clear();
      for (const key of Object.keys(storage)) if (key.startsWith(prefix)) storage.removeItem(key);
      listeners.forEach((listener) => listener());
    },
  };
}

// The server knows limits that this page does not; asking again would be answered the same.
function isFinal(error: unknown): boolean {
  return (
    error instanceof ProblemError && error.status < 500 && ![401, 408, 429].includes(error.status)
  );
}

// Two pictures from the clipboard are both "image.png"; their places in the text need names of their own.
function unused(name: string, files: readonly DraftFile[]): string {
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  let candidate = name;
  for (let i = 2; files.some((f) => f.filename === candidate); i += 1) {
    candidate = `${stem}-${i}${end}`;
  }
  return candidate;
}
