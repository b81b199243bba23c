/**
 * Taking data out. In: a dataset, a format, its settings, which rows. Out: a file where the person wants it: streamed to the
 * place they picked where the browser has a picker, else a download. It tells how far it is and can be called off.
 */
import type { FieldValue } from "../../settings/field";
import type { ExportedFile, Failure, FormatInfo } from "../../worker/protocol";
import { settle } from "./settle";
import { report, type Studio } from "./studio";
import { nextWork } from "./work";

export interface Exporting {
  /** Null until they were asked for. */
  readonly formats: readonly FormatInfo[] | null;
  readonly format: string | null;
  /** What the person changed, by format. */
  readonly settings: ReadonlyMap<string, Readonly<Record<string, FieldValue>>>;
  readonly rows: "original" | "cleaned" | "view";
  readonly state:
    | { readonly status: "idle" }
    | { readonly status: "working"; readonly work: number; readonly rows: number }
    | { readonly status: "done"; readonly name: string; readonly bytes: number; readonly notes: readonly string[] }
    | { readonly status: "failed"; readonly failure: Failure };
}

export const NEW_EXPORTING: Exporting = { formats: null, format: null, settings: new Map<string, Readonly<Record<string, FieldValue>>>(), rows: "cleaned", state: { status: "idle" } };

export async function listFormats(studio: Studio): Promise<void> {
  if (studio.exporting.getState().formats) return;
  const answer = await settle(studio.connection.data.listFormats());
  if (!answer.ok) return report(studio, answer.failure);
  const formats = answer.value.filter(({ canWrite }) => canWrite);
  studio.exporting.setState({ formats, format: studio.exporting.getState().format ?? formats[0]?.id ?? null });
}

export function changeExport({ exporting }: Studio, id: string, value: FieldValue): void {
  exporting.setState(({ settings, format }) => {
    if (format === null) return {};
    const before = Object.entries(settings.get(format) ?? {});
    return { settings: new Map(settings).set(format, Object.fromEntries([...before, [id, value]])) };
  });
}

/** Where the bytes go: opened while the press is still fresh, for browsers ask for a gesture. */
export interface Destination {
  write(file: File): Promise<void>;
}

/** Resolves to null when the person closed the picker. */
export type PickDestination = (suggestedName: string, format: FormatInfo) => Promise<Destination | null>;

export async function exportDataset(studio: Studio, dataset: string, name: string, pick: PickDestination): Promise<void> {
  const { exporting, connection } = studio;
  const { formats, format, settings, rows, state } = exporting.getState();
  const info = formats?.find(({ id }) => id === format);
  if (!info || state.status === "working") return;
  const destination = await pick(fileName(name, info), info);
  if (!destination) return;
  const work = nextWork();
  const set = (next: Exporting["state"]) => exporting.setState({ state: next });
  const isCurrent = () => {
    const now = exporting.getState().state;
    return now.status === "working" && now.work === work;
  };
  set({ status: "working", work, rows: 0 });
  const view = rows === "view" ? studio.tables.of(dataset).store.getState().view?.view : undefined;
  const version = rows === "view" ? studio.tables.of(dataset).store.getState().version : rows;
  const chosen = Object.fromEntries(info.writeFields.map((field) => [field.id, settings.get(info.id)?.[field.id] ?? field.default]));
  const answer = await settle(
    connection.data.exportData({ dataset, format: info.id, settings: chosen, version, ...(view === undefined ? {} : { view }) }, work, (written) => {
      if (isCurrent()) set({ status: "working", work, rows: written });
    }),
  );
  if (!isCurrent()) return;
  if (!answer.ok) return set(answer.failure.kind === "canceled" ? { status: "idle" } : { status: "failed", failure: answer.failure });
  set(await save(answer.value, destination));
}

async function save({ name, file, notes }: ExportedFile, destination: Destination): Promise<Exporting["state"]> {
  try {
    await destination.write(file);
    return { status: "done", name, bytes: file.size, notes };
  } catch (cause) {
    const message = `${name} could not be written: ${cause instanceof Error ? cause.message : String(cause)}.`;
    return { status: "failed", failure: { kind: "storage", message, hint: "Make room on the disk, or save it somewhere else.", where: name } };
  }
}

export async function cancelExport({ exporting, connection }: Studio): Promise<void> {
  const { state } = exporting.getState();
  if (state.status !== "working") return;
  exporting.setState({ state: { status: "idle" } });
  await connection.data.cancelWork(state.work).catch(() => undefined);
}

/** The dataset's name with the format's ending in place of its own. */
export function fileName(name: string, { extensions }: FormatInfo): string {
  const stem = name.replace(/\.(csv|tsv|jsonl?|ndjson|parquet|tfrecords?|txt|md|zip|gz)$/i, "").replace(/[\\/:*?"<>|\u0000-\u001f]+/g, "-").trim();
  return `${stem || "dataset"}.${extensions[0] ?? "txt"}`;
}
