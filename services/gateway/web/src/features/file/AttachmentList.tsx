import { Download, TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import { type Attachment, attachmentUrl } from '@/api/attachment';
import { readableSize } from '@/lib/size';

import { AudioPlayer } from './AudioPlayer';
import { FileIcon } from './FileIcon';
import { kindOf } from './kind';
import { missingWords } from './missing';
import { PictureViewer } from './PictureViewer';

export interface AttachmentListProps {
  messageId: string;
  attachments: readonly Attachment[];
}

/** The files of a message: pictures to look at, sounds to listen to, everything else to download. */
export function AttachmentList({ messageId, attachments }: AttachmentListProps) {
  const [open, setOpen] = useState<number>();
  const [broken, setBroken] = useState<ReadonlySet<string>>(new Set());
  if (attachments.length === 0) return null;
  const isPicture = (a: Attachment) =>
    a.missingReason === undefined && kindOf(a.contentType) === 'picture' && !broken.has(a.id);
  const pictures = attachments.filter(isPicture);
  const others = attachments.filter((a) => !isPicture(a));
  return (
    <ul aria-label="Attachments" className="flex w-full max-w-full flex-wrap gap-2">
      {pictures.map((picture, i) => (
        <li key={picture.id}>
          <Thumbnail
            picture={picture}
            src={attachmentUrl(messageId, picture.id)}
            isAlone={pictures.length === 1}
            onOpen={() => setOpen(i)}
            onBroken={() => setBroken((ids) => new Set([...ids, picture.id]))}
          />
        </li>
      ))}
      {others.map((attachment) => (
        <li key={attachment.id} className="w-full">
          <OtherFile messageId={messageId} attachment={attachment} />
        </li>
      ))}
      <PictureViewer
        pictures={pictures.map((p) => ({ ...p, src: attachmentUrl(messageId, p.id) }))}
        open={open}
        onMove={setOpen}
      />
    </ul>
  );
}

interface ThumbnailProps {
  picture: Attachment;
  src: string;
  isAlone: boolean;
  onOpen: () => void;
  onBroken: () => void;
}

// Its box has its size before the picture is there, so nothing moves when it comes.
function Thumbnail({ picture, src, isAlone, onOpen, onBroken }: ThumbnailProps) {
  return (
    <button
      type="button"
      aria-label={`Open ${picture.filename}`}
      title={`${picture.filename}, ${readableSize(picture.size)}`}
      onClick={onOpen}
      className={`block overflow-hidden rounded-lg border border-line bg-sunken ${isAlone ? 'h-48 w-64 max-w-full' : 'size-28'}`}
    >
      <img
        src={src}
        alt={picture.filename}
        loading="lazy"
        onError={onBroken}
        className="size-full object-cover"
      />
    </button>
  );
}

function OtherFile({ messageId, attachment }: { messageId: string; attachment: Attachment }) {
  const { filename, contentType, size, missingReason } = attachment;
  const row = 'flex w-full max-w-80 items-center gap-2 rounded-lg border border-line bg-surface';
  if (missingReason !== undefined) {
    return (
      <p className={`${row} px-3 py-2 text-ink-2`}>
        <TriangleAlert aria-hidden className="size-4 shrink-0" />
        <span className="min-w-0 break-words">
          {filename}: {missingWords(missingReason)}
        </span>
      </p>
    );
  }
  const href = attachmentUrl(messageId, attachment.id);
  if (kindOf(contentType) === 'audio') {
    return (
      <div className={`${row} max-w-96 px-1 py-1`}>
        <AudioPlayer src={href} label={filename} />
      </div>
    );
  }
  return (
    <a
      href={href}
      download={filename}
      title={`Download ${filename}`}
      className={`${row} px-3 py-2 hover:bg-hover`}
    >
      <FileIcon contentType={contentType} className="size-5 shrink-0 text-ink-2" />
      <span className="min-w-0 flex-1">
        <span className="block truncate">{filename}</span>
        <span className="block text-xs text-ink-3">{readableSize(size)}</span>
      </span>
      <Download aria-hidden className="size-4 shrink-0 text-ink-3" />
    </a>
  );
}
