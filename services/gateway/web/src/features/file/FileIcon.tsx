import { File, FileText, Film, Image, type LucideIcon, Music } from 'lucide-react';

import { type FileKind, kindOf } from './kind';

const icons: Record<FileKind, LucideIcon> = {
  picture: Image,
  audio: Music,
  video: Film,
  pdf: FileText,
  file: File,
};

/** The mark of a kind of file. */
export function FileIcon({ contentType, className }: { contentType: string; className?: string }) {
  const Icon = icons[kindOf(contentType)];
  return <Icon aria-hidden className={className} />;
}
