import { ImageOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

import { mailUrl, type Message } from '@/api/message';
import { Button } from '@/components/Button';

// Heights seen before: a mail that is shown again takes its room at once.
const heights = new Map<string, number>();
const tallest = 20_000;

/**
 * The HTML of a mail, in a frame in which no script runs. The frame is as high as the mail, and pictures from other
 * servers are held back until they are asked for: fetching them tells the sender that the mail was opened.
 */
export function MailFrame({ message }: { message: Message }) {
  const [images, setImages] = useState<'held' | 'shown'>('held');
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(() => heights.get(message.id) ?? 120);
  const [document, setDocument] = useState<Document>();

  useEffect(() => {
    const body = document?.body;
    if (!body) return undefined;
    const measure = () => {
      const next = Math.min(tallest, Math.ceil(document.documentElement.offsetHeight));
      if (next === 0) return;
      heights.set(message.id, next);
      setHeight(next);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(document.documentElement);
    return () => observer.disconnect();
  }, [document, message.id]);

  return (
    <div className="-mx-4 -mt-3 flex flex-col self-stretch">
      {message.hasRemoteImages && images === 'held' && (
        <p className="flex items-center gap-2 border-b border-line bg-sunken py-1 pr-2 pl-4 text-xs text-ink-2">
          <ImageOff aria-hidden className="size-3.5 shrink-0" />
          <span className="min-w-0 flex-1">
            Pictures from other servers are not shown, because fetching them tells the sender.
          </span>
          <Button kind="ghost" className="h-7!" onClick={() => setImages('shown')}>
            Show images
          </Button>
        </p>
      )}
      <div className="bg-paper px-4 py-3">
        <iframe
          ref={frame}
          title={`Mail: ${message.subject || 'no subject'}`}
          src={mailUrl(message.id, images)}
          sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"
          referrerPolicy="no-referrer"
          loading="lazy"
          style={{ height }}
          className="block w-full bg-paper scheme-light"
          onLoad={() => setDocument(frame.current?.contentDocument ?? undefined)}
        />
      </div>
    </div>
  );
}
