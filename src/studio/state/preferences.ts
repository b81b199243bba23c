/**
 * What the page remembers between visits: the theme, the settings draft and the shortcut switch, as one small JSON file in
 * the origin's private file system (nothing is kept in localStorage). In: changes. Out: a store, written half a second after
 * the last change. A browser that refuses storage loses the memory, never the page.
 */
import { createStore, type StoreApi } from "zustand/vanilla";

export const THEMES = ["system", "light", "dark", "projector"] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly theme: Theme;
  /** Single-key shortcuts (Space, ".", "?") can be turned off: WCAG 2.2 SC 2.1.4. */
  readonly shortcuts: "on" | "off";
  /** The settings form as it was left; judged again when it is read. */
  readonly draft: Readonly<Record<string, unknown>>;
}

export interface PreferenceFile {
  read(): Promise<string>;
  write(text: string): Promise<void>;
}

const FILE = "preferences.json";
const WRITE_AFTER_MS = 500;
const FIRST_VISIT: Preferences = { theme: "system", shortcuts: "on", draft: {} };

export const opfsFile: PreferenceFile = {
  async read() {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle(FILE);
    return (await handle.getFile()).text();
  },
  async write(text) {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle(FILE, { create: true });
    const stream = await handle.createWritable();
    await stream.write(text);
    await stream.close();
  },
};

/** Reads what it can; every unknown or malformed part falls back to its first-visit value. */
export function parsePreferences(text: string): Preferences {
  let saved: unknown;
  try {
    saved = JSON.parse(text);
  } catch {
    return FIRST_VISIT;
  }
  if (typeof saved !== "object" || saved === null) return FIRST_VISIT;
  const { theme, shortcuts, draft } = saved as Record<string, unknown>;
  return {
    theme: THEMES.find((name) => name === theme) ?? FIRST_VISIT.theme,
    shortcuts: shortcuts === "off" ? "off" : "on",
    draft: typeof draft === "object" && draft !== null && !Array.isArray(draft) ? { ...draft } : FIRST_VISIT.draft,
  };
}

export async function openPreferences(file: PreferenceFile = opfsFile): Promise<StoreApi<Preferences>> {
  const text = await file.read().catch(() => "");
  const store = createStore<Preferences>(() => parsePreferences(text));
  let timer: ReturnType<typeof setTimeout> | undefined;
  store.subscribe((preferences) => {
    clearTimeout(timer);
    timer = setTimeout(() => void file.write(JSON.stringify(preferences)).catch(() => undefined), WRITE_AFTER_MS);
  });
  return store;
}
