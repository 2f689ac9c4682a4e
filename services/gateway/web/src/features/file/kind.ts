/** What a file is, as far as the page treats it differently. */
export type FileKind = 'picture' | 'audio' | 'video' | 'pdf' | 'file';

// What every browser can show. Others, such as TIFF and HEIC, are files to download.
const pictures = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif', 'image/bmp'];

/** What a file is, by its media type. */
export function kindOf(contentType: string): FileKind {
  const type = bare(contentType);
  if (pictures.includes(type)) return 'picture';
  if (type.startsWith('audio/')) return 'audio';
  if (type.startsWith('video/')) return 'video';
  return type === 'application/pdf' ? 'pdf' : 'file';
}

/** The media type without its parameters. */
export function bare(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

const kindWords: Record<FileKind, string> = {
  picture: 'Picture',
  audio: 'Audio',
  video: 'Video',
  pdf: 'PDF',
  file: 'File',
};

/** "Picture", "PDF", "ZIP", "File": what to call a file in a sentence. */
export function wordFor(file: { filename: string; contentType: string }): string {
  const kind = kindOf(file.contentType);
  if (kind !== 'file') return kindWords[kind];
  const extension = /\.([a-z0-9]{1,5})$/i.exec(file.filename)?.[1];
  return extension ? extension.toUpperCase() : kindWords.file;
}
