import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useRef } from 'react';

const steps: Record<string, number> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

/**
 * Moves through a list: j and k from anywhere on the page but a place one can type in, the arrows, Home and End while
 * the list has the focus. Enter opens, because every row is a link.
 */
export function useListKeys(options: {
  length: number;
  cursor: number;
  move: (index: number) => void;
}) {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      const isLetter = event.key === 'j' || event.key === 'k';
      if (!isLetter || hasModifier(event) || isTaken(event.target)) return;
      event.preventDefault();
      moveBy(latest.current, event.key);
    }
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  return (event: ReactKeyboardEvent) => {
    if (event.key === 'j' || event.key === 'k' || hasModifier(event)) return;
    if (moveBy(options, event.key)) event.preventDefault();
  };
}

function moveBy(
  { length, cursor, move }: { length: number; cursor: number; move: (index: number) => void },
  key: string,
): boolean {
  const last = length - 1;
  if (last < 0) return false;
  const step = steps[key];
  if (step !== undefined) move(Math.min(last, Math.max(0, cursor + step)));
  else if (key === 'Home') move(0);
  else if (key === 'End') move(last);
  else return false;
  return true;
}

function hasModifier(event: { ctrlKey: boolean; metaKey: boolean; altKey: boolean }): boolean {
  return event.ctrlKey || event.metaKey || event.altKey;
}

// Letters belong to whoever types, and to an open menu or window.
function isTaken(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.closest('input, textarea, select, [contenteditable], [role=menu], [role=dialog]') !==
    null
  );
}
