import { useMemo } from 'react';

import { splitLinks } from '@/lib/link';

/** What somebody wrote. It is only ever text; web links in it lead away without telling where from. */
export function MessageText({ text }: { text: string }) {
  const pieces = useMemo(() => splitLinks(text), [text]);
  return (
    <p dir="auto" className="break-words whitespace-pre-wrap">
      {pieces.map((piece, i) =>
        piece.href ? (
          <a
            key={i}
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            className="underline underline-offset-2"
          >
            {piece.text}
          </a>
        ) : (
          piece.text
        ),
      )}
    </p>
  );
}
