import { Download, Pause, Play, TriangleAlert } from 'lucide-react';
import { useRef, useState } from 'react';

import { IconButton } from '@/components/Button';
import { clockDuration } from '@/lib/duration';

import { missingWords } from './missing';

const speeds = [1, 1.25, 1.5, 2] as const;

export interface AudioPlayerProps {
  src: string;
  label: string;
  /** How long it is as far as is known before it is loaded. */
  seconds?: number;
  missingReason?: string;
}

/** Plays a sound: pause, jump, and faster for those in a hurry. A recording is not fetched before it is asked for. */
export function AudioPlayer({ src, label, seconds = 0, missingReason }: AudioPlayerProps) {
  const audio = useRef<HTMLAudioElement>(null);
  const [isPlaying, setIsPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(seconds);
  const [speed, setSpeed] = useState<number>(1);
  const [isBroken, setIsBroken] = useState(false);

  if (missingReason !== undefined || isBroken) {
    return (
      <p className="flex items-center gap-2 text-xs text-ink-2">
        <TriangleAlert aria-hidden className="size-3.5" />
        {label}: {isBroken ? 'cannot be played here' : missingWords(missingReason)}
        {isBroken && (
          <a href={src} download className="text-accent underline">
            Download
          </a>
        )}
      </p>
    );
  }

  function toggle() {
    const element = audio.current;
    if (!element) return;
    if (element.paused) element.play().catch(() => setIsBroken(element.error !== null));
    else element.pause();
  }

  function jump(to: number) {
    setAt(to);
    if (audio.current) audio.current.currentTime = to;
  }

  function faster() {
    const next = speeds[(speeds.indexOf(speed as 1) + 1) % speeds.length] ?? 1;
    setSpeed(next);
    if (audio.current) audio.current.playbackRate = next;
  }

  return (
    <div role="group" aria-label={label} className="flex w-full items-center gap-1">
      <audio
        ref={audio}
        src={src}
        preload={seconds > 0 ? 'none' : 'metadata'}
        onPlay={() => setIsPlaying(true)}
        onPause={() => setIsPlaying(false)}
        onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)}
        onDurationChange={(e) => {
          if (Number.isFinite(e.currentTarget.duration)) setLength(e.currentTarget.duration);
        }}
        onError={() => setIsBroken(true)}
      />
      <IconButton label={isPlaying ? `Pause ${label}` : `Play ${label}`} onClick={toggle}>
        {isPlaying ? (
          <Pause aria-hidden className="size-4 fill-current" />
        ) : (
          <Play aria-hidden className="size-4 fill-current" />
        )}
      </IconButton>
      <input
        type="range"
        aria-label={`Position in ${label}`}
        aria-valuetext={`${clockDuration(at)} of ${clockDuration(Math.ceil(length))}`}
        min={0}
        max={Math.max(length, 0.1)}
        step={0.1}
        value={Math.min(at, length)}
        onChange={(e) => jump(Number(e.target.value))}
        className="h-1 min-w-16 flex-1 accent-accent"
      />
      <span className="shrink-0 px-1 text-xs text-ink-2 tabular-nums">
        {clockDuration(at)} / {clockDuration(Math.ceil(length))}
      </span>
      <button
        type="button"
        aria-label={`Speed: ${speed} times`}
        onClick={faster}
        className="h-6 w-11 shrink-0 rounded-full border border-line-strong text-xs font-medium tabular-nums hover:bg-hover"
      >
        {speed}×
      </button>
      <a
        href={src}
        download
        aria-label={`Download ${label}`}
        title={`Download ${label}`}
        className="inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-2 hover:bg-sunken hover:text-ink"
      >
        <Download aria-hidden className="size-4" />
      </a>
    </div>
  );
}
