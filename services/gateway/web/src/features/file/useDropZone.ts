import { type DragEvent, useRef, useState } from 'react';

/** Takes files that are dropped onto an element; tells while some are held over it. */
export function useDropZone(onFiles: (files: File[]) => void) {
  const [isOver, setIsOver] = useState(false);
  // Entering a child is told before leaving its parent.
  const depth = useRef(0);

  function over(by: number) {
    depth.current = Math.max(0, depth.current + by);
    setIsOver(depth.current > 0);
  }

  return {
    isOver,
    zone: {
      onDragEnter: (event: DragEvent) => hasFiles(event) && over(1),
      onDragLeave: (event: DragEvent) => hasFiles(event) && over(-1),
      onDragOver: (event: DragEvent) => {
        if (hasFiles(event)) event.preventDefault();
      },
      onDrop: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setIsOver(false);
        onFiles(Array.from(event.dataTransfer.files));
      },
    },
  };
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer.types.includes('Files');
}
