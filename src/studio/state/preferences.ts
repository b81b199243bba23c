/**
 * What the page remembers between visits: the theme, the device, the settings draft and the shortcut switch, as one small JSON file in
 * the origin's private file system (nothing is kept in localStorage). In: changes. Out: a store, written half a second after
 * the last change. A browser that refuses storage loses the memory, never the page.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type MachineSettings, parseMachine } from "../../settings/machine";

export const THEMES = ["system", "light", "dark", "projector"] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly theme: Theme;
  /** Single-key shortcuts (Space, ".", "?") can be turned off: WCAG 2.2 SC 2.1.4. */
  readonly shortcuts: "on" | "off";
  /** Show how a file would be read before it is added. */
  readonly previewImports: "on" | "off";
  /** Several files chosen at once become one dataset. */
  readonly joinFiles: "on" | "off";
  /** Where to compute. Of this browser, not of an experiment: links and runs do not carry it. */
  readonly machine: MachineSettings;
  /** The settings form as it was left; judged again when it is read. */
  readonly draft: Readonly<Record<string, unknown>>;
}

export interface PreferenceFile {
  read(): Promise<string>;
  write(text: string): Promise<void>;
}

const FILE = "preferences.json";
const WRITE_AFTER_MS = 500;
const firstVisit = (): Preferences => ({ theme: "system", shortcuts: "on", previewImports: "off", joinFiles: "off", machine: parseMachine(undefined, countCores()), draft: {} });

/** What is not known is taken for a small machine. */
export const countCores = (): number => (globalThis as { navigator?: Navigator }).navigator?.hardwareConcurrency || 2;

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
  const first = firstVisit();
  let saved: unknown;
  try {
    saved = JSON.parse(text);
  } catch {
    return first;
  }
  if (typeof saved !== "object" || saved === null) return first;
  const { theme, shortcuts, previewImports, joinFiles, machine, draft } = saved as Record<string, unknown>;
  return {
    theme: THEMES.find((name) => name === theme) ?? first.theme,
    shortcuts: shortcuts === "off" ? "off" : "on",
    previewImports: previewImports === "on" ? "on" : "off",
    joinFiles: joinFiles === "on" ? "on" : "off",
    machine: parseMachine(machine, countCores()),
    draft: typeof draft === "object" && draft !== null && !Array.isArray(draft) ? { ...draft } : first.draft,
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
