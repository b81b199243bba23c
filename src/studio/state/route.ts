/**
 * The address bar's hash as a room and the settings it may carry. In: `location.hash`. Out: one of the rooms that exist
 * (anything unknown is Train) and, for `#/train?set=<base64url JSON>`, the untrusted settings object or why it is unreadable.
 */
export const ROOMS = ["data", "train", "play"] as const;
export type Room = (typeof ROOMS)[number];

export interface Route {
  readonly room: Room;
  /** What the link carries, before `parseExperiment` has judged it. */
  readonly shared?: { readonly ok: true; readonly settings: unknown } | { readonly ok: false; readonly problem: string };
}

/** Longer links are refused: settings need a few hundred characters. */
const LONGEST_LINK = 8192;

export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const room = ROOMS.find((name) => name === path.toLowerCase().replace(/\/+$/, "")) ?? "train";
  const packed = new URLSearchParams(query).get("set");
  if (packed === null) return { room };
  return { room, shared: unpackSettings(packed) };
}

export function packSettings(settings: Readonly<Record<string, unknown>>): string {
  const bytes = new TextEncoder().encode(JSON.stringify(settings));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function unpackSettings(packed: string): NonNullable<Route["shared"]> {
  if (packed.length > LONGEST_LINK) return { ok: false, problem: "The link is longer than any settings; the settings are unchanged." };
  try {
    const binary = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)));
    return { ok: true, settings: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, problem: "The settings in this link cannot be read, perhaps because it was cut short; the settings are unchanged." };
  }
}
