const units = ['KB', 'MB', 'GB'];

/** "640 KB", "1.4 MB", "12 MB": the size of a file as people read it, counted as the limits of the channels are. */
export function readableSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  let size = bytes / 1024;
  let unit = 0;
  while (size >= 1023.5 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const shown = size < 9.95 ? Math.round(size * 10) / 10 : Math.round(size);
  return `${shown} ${units[unit]}`;
}
