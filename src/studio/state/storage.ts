/**
 * What is kept on this device. In: questions and presses. Out: the report (what takes how much, what there is, how safely), a
 * backup of everything as one file, what a backup brought back, and the one warning the page should show.
 */
import type { ExportedFile, Failure, ImportProgress, RestoreSummary, StorageReport } from "../../worker/protocol";
import { refreshDatasets, removeDataset } from "./datasets";
import { formatBytes } from "./format";
import { settle } from "./settle";
import { report, type Studio } from "./studio";
import { openTokenizers, removeTokenizer } from "./tokenizers";
import { nextWork } from "./work";

export type StorageItem = StorageReport["items"][number];

interface LongWork {
  readonly work: number;
  readonly progress: ImportProgress | null;
}

export interface Storage {
  readonly report: StorageReport | null;
  readonly failure: Failure | null;
  readonly backingUp: LongWork | null;
  readonly restoring: LongWork | null;
  readonly restored: RestoreSummary | null;
  readonly restoreFailure: Failure | null;
  /** What the browser answered when it was asked in this visit. */
  readonly protection: "kept" | "not kept" | "unknown" | "not asked";
  /** Warnings put away in this visit. */
  readonly dismissed: readonly StorageWarning["kind"][];
}

export const NEW_STORAGE: Storage = {
  report: null, failure: null, backingUp: null, restoring: null, restored: null, restoreFailure: null, protection: "not asked", dismissed: [],
};

export async function refreshStorage(studio: Studio): Promise<void> {
  const answer = await settle(studio.connection.data.storage());
  studio.tools.storage.setState(answer.ok ? { report: answer.value, failure: null } : { failure: answer.failure });
}

const KINDS = ["dataset", "run", "tokens", "tokenizer", "other"] as const;
export const KIND_LABELS: Readonly<Record<StorageItem["kind"], string>> = {
  dataset: "Datasets", run: "Runs", tokens: "Texts cut into tokens", tokenizer: "Tokenizers", other: "Everything else",
};

/** Bytes by kind, the biggest first; kinds of nothing are left out. What no item accounts for belongs to the rest. */
export function bytesByKind({ items, usedBytes }: StorageReport): { readonly kind: StorageItem["kind"]; readonly bytes: number }[] {
  const listed = items.reduce((sum, { bytes }) => sum + bytes, 0);
  return KINDS.map((kind) => ({
    kind,
    bytes: items.filter((item) => item.kind === kind).reduce((sum, { bytes }) => sum + bytes, 0) + (kind === "other" ? Math.max(0, usedBytes - listed) : 0),
  }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
}

/** Runs are removed by starting fresh in Train; tokens are made anew by themselves. */
export const isRemovable = ({ kind }: StorageItem): boolean => kind === "dataset" || kind === "tokenizer";

export async function removeItem(studio: Studio, { id, kind }: StorageItem): Promise<void> {
  if (kind === "dataset") await removeDataset(studio, id);
  else if (kind === "tokenizer") await removeTokenizer(studio, id);
  await refreshStorage(studio);
}

/** The file to save; null when it was called off or failed, which has been told. */
export async function backUp(studio: Studio): Promise<ExportedFile | null> {
  const { storage } = studio.tools;
  if (storage.getState().backingUp) return null;
  const work = nextWork();
  storage.setState({ backingUp: { work, progress: null } });
  const isCurrent = () => storage.getState().backingUp?.work === work;
  const answer = await settle(
    studio.connection.data.backup(work, (progress) => {
      if (isCurrent()) storage.setState({ backingUp: { work, progress } });
    }),
  );
  if (!isCurrent()) return null;
  storage.setState({ backingUp: null });
  if (answer.ok) return answer.value;
  report(studio, answer.failure);
  return null;
}

export async function restoreBackup(studio: Studio, file: File): Promise<void> {
  const { storage } = studio.tools;
  if (storage.getState().restoring) return;
  const work = nextWork();
  storage.setState({ restoring: { work, progress: null }, restored: null, restoreFailure: null });
  const isCurrent = () => storage.getState().restoring?.work === work;
  const answer = await settle(
    studio.connection.data.restoreBackup(file, work, (progress) => {
      if (isCurrent()) storage.setState({ restoring: { work, progress } });
    }),
  );
  if (isCurrent()) storage.setState({ restoring: null });
  if (answer.ok) storage.setState({ restored: answer.value });
  else if (answer.failure.kind !== "canceled") storage.setState({ restoreFailure: answer.failure });
  await Promise.all([refreshDatasets(studio), openTokenizers(studio), refreshStorage(studio)]);
}

export async function cancelStorageWork({ tools, connection }: Studio, which: "backingUp" | "restoring"): Promise<void> {
  const current = tools.storage.getState()[which];
  if (!current) return;
  tools.storage.setState(which === "backingUp" ? { backingUp: null } : { restoring: null });
  await connection.data.cancelWork(current.work).catch(() => undefined);
}

export interface StorageWarning {
  readonly kind: "full" | "not protected";
  readonly title: string;
  readonly text: string;
}

/** Nearly full: nine tenths of what the browser says there is. */
const NEARLY_FULL = 0.9;
const NAMED = 3;

/** The most urgent warning that was not put away; undefined when all is well. */
export function storageWarning({ report: now, dismissed, protection }: Storage): StorageWarning | undefined {
  if (!now) return undefined;
  const biggest = now.items.slice(0, NAMED).map(({ name, bytes }) => `${name} (${formatBytes(bytes)})`).join(", ");
  const warnings: StorageWarning[] = [];
  if (now.quotaBytes > 0 && now.usedBytes / now.quotaBytes >= NEARLY_FULL) {
    warnings.push({
      kind: "full", title: `Storage is nearly full: ${formatBytes(now.usedBytes)} of ${formatBytes(now.quotaBytes)}.`,
      text: `The biggest: ${biggest}. Remove what you do not need, or back up first.`,
    });
  }
  const hasOwn = now.items.some(({ kind }) => kind === "dataset" || kind === "tokenizer");
  if (now.persisted === false && protection === "not kept" && hasOwn) {
    warnings.push({
      kind: "not protected", title: "The browser may delete this data when the disk runs full.",
      text: "It did not promise to keep it. A backup is one file, under Data, Storage.",
    });
  }
  return warnings.find(({ kind }) => !dismissed.includes(kind));
}

export function dismissWarning({ tools }: Studio, kind: StorageWarning["kind"]): void {
  tools.storage.setState(({ dismissed }) => ({ dismissed: [...dismissed, kind] }));
}
