/**
 * Single keys, only while nothing that takes keys has the focus. In: a keydown and where it happened. Out: what it asks for.
 * Space and "." would otherwise be typed into a field or press a button.
 */
export type Shortcut = "primary" | "step" | "performance" | "keys";

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly defaultPrevented: boolean;
}

const SHORTCUTS: Readonly<Record<string, Shortcut>> = { " ": "primary", ".": "step", p: "performance", "?": "keys" };

/** `place` is the lower-case tag of the focused element. */
export function readShortcut(press: KeyPress, place: string): Shortcut | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.defaultPrevented) return undefined;
  if (place !== "body" && place !== "main" && place !== "html") return undefined;
  return SHORTCUTS[press.key];
}
