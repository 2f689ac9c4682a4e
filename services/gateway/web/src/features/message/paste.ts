import type { ClipboardEvent } from 'react';

import { kindOf } from '@/features/file/kind';

import { pictureMark } from './draft';
import type { AttachOptions, Drafts } from './drafts';

interface PasteTarget extends Omit<AttachOptions, 'inText'> {
  drafts: Drafts;
  of: string;
}

/** Pasted pictures go into the text where the cursor is, other files beside it; text is left to the browser. */
export function pastePictures(
  event: ClipboardEvent<HTMLTextAreaElement>,
  { drafts, of, ...options }: PasteTarget,
): void {
  const files = Array.from(event.clipboardData.files);
  if (files.length === 0) return;
  event.preventDefault();
  const isPicture = (file: File) => kindOf(file.type) === 'picture';
  drafts.attach(
    of,
    files.filter((f) => !isPicture(f)),
    options,
  );
  const pictures = drafts.attach(of, files.filter(isPicture), { ...options, inText: true });
  const marks = pictures
    .filter((p) => p.contentId)
    .map(pictureMark)
    .join('\n');
  if (marks === '') return;
  const { selectionStart, selectionEnd } = event.currentTarget;
  drafts.change(of, (draft) => ({
    ...draft,
    body: draft.body.slice(0, selectionStart) + marks + draft.body.slice(selectionEnd),
  }));
}
