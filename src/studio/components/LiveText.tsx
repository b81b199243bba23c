/**
 * A figure that changes many times a second. In: how to read it from the newest figures. Out: text written straight into the
 * element at the pace of `LiveFigures` (at most 10 Hz); React renders it once.
 */
import { useEffect, useRef } from "react";
import type { Studio } from "../state/studio";
import { useStudio } from "./StudioContext";

export type ReadText = (studio: Studio) => string;

/** Calls `write` now and at every change of the live figures. */
export function useLive(write: (studio: Studio) => void): void {
  const studio = useStudio();
  const latest = useRef(write);
  useEffect(() => {
    latest.current = write;
    write(studio);
  });
  useEffect(() => studio.live.subscribe(() => latest.current(studio)), [studio]);
}

export function LiveText({ read, className }: { readonly read: ReadText; readonly className?: string | undefined }) {
  const element = useRef<HTMLSpanElement>(null);
  useLive((studio) => setText(element.current, read(studio)));
  return <span ref={element} className={className} />;
}

/** Writes only what changed, so that a selection in the text survives. */
export function setText(element: HTMLElement | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}
