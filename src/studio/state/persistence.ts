/**
 * Asking the browser to keep this site's data until the person removes it. Without that promise it may evict everything when the
 * disk runs full (storage standard, "persistent" buckets). Browsers may answer by themselves or ask; once per visit is enough.
 */
import type { Studio } from "./studio";
import { refreshStorage } from "./storage";

interface Keeper {
  persisted?(): Promise<boolean>;
  persist?(): Promise<boolean>;
}

export type Protection = "kept" | "not kept" | "unknown";

const keeperOf = (): Keeper => (globalThis as { navigator?: { storage?: Keeper } }).navigator?.storage ?? {};

/** Asks the browser; call it on a press or an import, because some browsers show a question. */
export async function askToKeep(keeper: Keeper = keeperOf()): Promise<Protection> {
  try {
    if (await keeper.persisted?.()) return "kept";
    if (!keeper.persist) return "unknown";
    return (await keeper.persist()) ? "kept" : "not kept";
  } catch {
    // A private window may refuse to answer.
    return "unknown";
  }
}

const asked = new WeakSet<Studio>();

/** With the first import of a visit; later ones do not ask again. */
export async function keepDataOnce(studio: Studio): Promise<void> {
  if (asked.has(studio)) return;
  asked.add(studio);
  await keepData(studio);
}

/** The button: asks, and says what came of it. */
export async function keepData(studio: Studio, keeper: Keeper = keeperOf()): Promise<Protection> {
  asked.add(studio);
  const protection = await askToKeep(keeper);
  studio.tools.storage.setState({ protection });
  await refreshStorage(studio);
  return protection;
}
