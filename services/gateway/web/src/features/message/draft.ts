import type { OutgoingFile, OutgoingMessage } from '@/api/message';

import type { SentFile } from './outbox';

/** A file of a draft. Only a ready one can be sent. */
export interface DraftFile {
  key: string;
  filename: string;
  contentType: string;
  size: number;
  /** refused: it is over a limit, and trying again would not help. */
  state: 'uploading' | 'ready' | 'failed' | 'refused';
  /** From 0 to 1. */
  progress: number;
  /** The server's name for it, once ready. */
  id?: string;
  reason?: string;
  /** A small picture of it, as a data URL. */
  thumbnail?: string;
  /** Set for a picture that stands in the text of a mail. */
  contentId?: string;
}

/** What is being written in one conversation. */
export interface Draft {
  /** To whom, for the first message to somebody. */
  to?: string;
  /** Left out until somebody changes it. */
  subject?: string;
  body: string;
  /** Left out until somebody changes them: an answer goes to everybody in the thread. */
  cc?: string[];
  bcc?: string[];
  files: DraftFile[];
  /** Set while a template is being filled in instead. */
  template?: DraftTemplate;
}

export interface DraftTemplate {
  /** Empty until one is chosen. */
  id: string;
  language: string;
  values: Record<string, string>;
}

export const emptyDraft: Draft = { body: '', files: [] };

/** True when there is nothing worth keeping. */
export function isEmptyDraft(draft: Draft): boolean {
  return (
    !draft.to &&
    draft.body === '' &&
    !draft.subject &&
    draft.files.length === 0 &&
    draft.template === undefined &&
    (draft.bcc ?? []).length === 0 &&
    draft.cc === undefined
  );
}

const interrupted = 'The page was closed before it was uploaded. Attach it again.';

/** Reads a draft that was stored. A file that had not arrived is told of, not forgotten. */
export function parseDraft(text: string | null): Draft {
  try {
    const stored = JSON.parse(text ?? '{}') as Partial<Draft>;
    const files = (stored.files ?? []).map((file): DraftFile => {
      const isLost = file.state === 'uploading' || file.state === 'failed';
      return isLost ? { ...file, state: 'refused', reason: interrupted } : file;
    });
    return { ...emptyDraft, ...stored, files };
  } catch {
    return emptyDraft;
  }
}

/** A message that was not accepted, to be written once more. */
export function draftOf(message: OutgoingMessage, files: readonly SentFile[]): Draft {
  const { template } = message;
  return {
    body: message.body ?? '',
    subject: message.subject,
    cc: message.cc,
    bcc: message.bcc,
    files: (message.attachments ?? []).flatMap((attached, i) => {
      const file = files[i];
      if (!file || !attached.id) return [];
      const { id, contentId } = attached;
      return [{ ...file, key: id, id, contentId, state: 'ready' as const, progress: 1 }];
    }),
    ...(template && {
      template: {
        id: template.id,
        language: template.language ?? '',
        values: template.parameters ?? {},
      },
    }),
  };
}

/** The files of a draft as they are sent. */
export function outgoingFiles(draft: Draft): OutgoingFile[] {
  return draft.files.flatMap((file) => {
    if (file.state !== 'ready' || !file.id) return [];
    const isInText = file.contentId !== undefined && draft.body.includes(pictureMark(file));
    return isInText ? [{ id: file.id, contentId: file.contentId }] : [{ id: file.id }];
  });
}

/** What stands in the text of a mail where a picture will be. */
export function pictureMark(file: Pick<DraftFile, 'filename'>): string {
  return `[image: ${file.filename}]`;
}

/** The HTML of a mail with pictures in its text; undefined for one without. */
export function htmlOf(draft: Draft): string | undefined {
  const pictures = draft.files.filter(
    (f) => f.state === 'ready' && f.contentId && draft.body.includes(pictureMark(f)),
  );
  if (pictures.length === 0) return undefined;
  let html = escape(draft.body);
  for (const picture of pictures) {
    const name = escape(picture.filename);
    const tag = `<img src="cid:${escape(picture.contentId ?? '')}" alt="${name}" style="max-width:100%">`;
    html = html.replaceAll(escape(pictureMark(picture)), () => tag);
  }
  return `<div>${html.replaceAll('\n', '<br>\n')}</div>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
