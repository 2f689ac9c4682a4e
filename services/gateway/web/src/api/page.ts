/** One keyset page. */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}
