import { CircleAlert, RotateCcw, X } from 'lucide-react';

import { IconButton } from '@/components/Button';
import type { DraftFile } from '@/features/message/draft';
import { useDrafts } from '@/features/message/DraftsProvider';
import { classes } from '@/lib/classes';
import { readableSize } from '@/lib/size';

import { FileIcon } from './FileIcon';

/** The files of a draft: how far each has come, why one cannot go, and a way to take it out. */
export function FileTray({ of, files }: { of: string; files: readonly DraftFile[] }) {
  if (files.length === 0) return null;
  return (
    <ul
      aria-label="Attached files"
      className="flex max-h-46 shrink-0 flex-col gap-1 overflow-y-auto px-2 pb-1"
    >
      {files.map((file) => (
        <TrayFile key={file.key} of={of} file={file} />
      ))}
    </ul>
  );
}

function TrayFile({ of, file }: { of: string; file: DraftFile }) {
  const drafts = useDrafts();
  const isWrong = file.state === 'failed' || file.state === 'refused';
  return (
    <li
      className={classes(
        'relative flex items-center gap-2 overflow-hidden rounded-md py-1 pr-1 pl-2',
        isWrong ? 'bg-danger-soft' : 'bg-sunken',
      )}
    >
      <Preview file={file} isWrong={isWrong} />
      <div className="min-w-0 flex-1">
        <p className="truncate">{file.filename}</p>
        <p
          role={isWrong ? 'alert' : undefined}
          className={classes('text-xs', isWrong ? 'text-danger' : 'text-ink-3')}
        >
          {isWrong ? file.reason : stateInWords(file)}
        </p>
      </div>
      {file.state === 'failed' && (
        <IconButton
          label={`Upload ${file.filename} again`}
          onClick={() => drafts.retry(of, file.key)}
        >
          <RotateCcw aria-hidden className="size-4" />
        </IconButton>
      )}
      <IconButton label={`Remove ${file.filename}`} onClick={() => drafts.remove(of, file.key)}>
        <X aria-hidden className="size-4" />
      </IconButton>
      {file.state === 'uploading' && <Progress file={file} />}
    </li>
  );
}

function Preview({ file, isWrong }: { file: DraftFile; isWrong: boolean }) {
  if (file.thumbnail && !isWrong) {
    return <img src={file.thumbnail} alt="" className="size-9 shrink-0 rounded object-cover" />;
  }
  return (
    <span className="flex size-9 shrink-0 items-center justify-center rounded bg-surface text-ink-2">
      {isWrong ? (
        <CircleAlert aria-hidden className="size-4 text-danger" />
      ) : (
        <FileIcon contentType={file.contentType} className="size-4" />
      )}
    </span>
  );
}

function Progress({ file }: { file: DraftFile }) {
  const percent = Math.round(file.progress * 100);
  return (
    <div
      role="progressbar"
      aria-label={`Uploading ${file.filename}`}
      aria-valuenow={percent}
      className="absolute inset-x-0 bottom-0 h-0.5"
    >
      <div
        className="h-full bg-accent transition-[width]"
        style={{ width: `${Math.max(percent, 4)}%` }}
      />
    </div>
  );
}

function stateInWords(file: DraftFile): string {
  const size = readableSize(file.size);
  if (file.state === 'uploading') {
    const percent = Math.round(file.progress * 100);
    return percent < 100 ? `${size} · uploading, ${percent} %` : `${size} · being checked`;
  }
  return file.contentId ? `${size} · in the text` : size;
}
