/**
 * From what a person brought to files that one format reads. In: files, pasted text, addresses. Out: the files inside (of archives, of folders),
 * the format that most of their bytes are in, and the files left out, each with its reason.
 */
import { FailureError } from "../../settings/failure";
import { openSources } from "../formats/archives";
import { HEAD_BYTES, type TextSource, chooseEncoding } from "../formats/decodeText";
import type { TableFormat } from "../formats/format";
import { detectFormat, findFormat, formats as allFormats } from "../formats/index";
import { noRows } from "../formats/openText";
import { type ByteSource, blobSource, readHead } from "../formats/readBytes";
import type { ImportSource } from "../types/importing";
import { type FetchContext, fetchUrl } from "./fetchUrl";

export interface FoundFile {
  readonly source: ByteSource;
  readonly head: Uint8Array;
}

export interface Gathered {
  readonly format: TableFormat;
  readonly files: readonly FoundFile[];
  readonly leftOut: readonly { readonly name: string; readonly bytes: number; readonly why: string }[];
}

export interface GatherContext extends FetchContext {
  readonly formats?: readonly TableFormat[];
  /** Fetches an address; default: from here, as far as this worker's policy allows. */
  readonly download?: typeof fetchUrl;
  /** Files fetched before, by their address, so that looking and importing download once. */
  readonly fetched?: Map<string, File>;
}

/** Any text can be read as plain text, so a README beside a table weighs little. */
const WEAK = 0.5;
const WEAK_WEIGHT = 0.01;

export async function gatherFiles(sources: readonly ImportSource[], formatId: string | null, context: GatherContext): Promise<Gathered> {
  const { formats = allFormats, signal } = context;
  const given: ByteSource[] = [];
  for (const source of sources) given.push(await openGiven(source, context));
  const opened = await openSources(given, signal ? { signal } : {});
  const files: FoundFile[] = [];
  for (const source of opened.files) files.push({ source, head: await readHead(source, HEAD_BYTES, signal) });
  const leftOut = [...opened.leftOut];
  if (files.length === 0) throw nothingThere(leftOut);
  const format = chosenFormat(formatId, formats) ?? (await detectTogether(files, formats, signal));
  const only = files.length === 1;
  const fitting = files.filter(({ source, head }) => only || source.size === 0 || format.detect(head, source.name) > 0);
  for (const { source, head } of files) {
    if (fitting.some((file) => file.source === source)) continue;
    const other = detectFormat(head, source.name, formats);
    leftOut.push({ name: source.name, bytes: source.size, why: other ? `it is ${other.label}; files of one import share a format` : `it is not ${format.label}` });
  }
  if (fitting.length === 0) throw nothingThere(leftOut);
  return { format, files: fitting, leftOut };
}

async function openGiven(source: ImportSource, context: GatherContext): Promise<ByteSource> {
  if (source.kind === "file") return blobSource(source.file, source.path ?? source.file.name);
  if (source.kind === "text") {
    const pasted: TextSource = { ...blobSource(new Blob([source.content]), source.name), encoding: "utf-8" };
    return pasted;
  }
  const file = context.fetched?.get(source.url) ?? (await (context.download ?? fetchUrl)(source.url, context));
  context.fetched?.set(source.url, file);
  return blobSource(file, file.name);
}

function chosenFormat(id: string | null, formats: readonly TableFormat[]): TableFormat | undefined {
  if (id === null) return undefined;
  const format = findFormat(id, formats);
  if (format) return format;
  throw new FailureError({ kind: "bad-settings", message: `There is no format "${id.slice(0, 40)}".`, hint: `Choose one of: ${formats.map(({ label }) => label).join(", ")}.`, where: "format" });
}

/** The format of most bytes. Where no file is of any, what the first one looks like is said. */
async function detectTogether(files: readonly FoundFile[], formats: readonly TableFormat[], signal: AbortSignal | undefined): Promise<TableFormat> {
  const weights = new Map<TableFormat, number>();
  for (const { source, head } of files) {
    const format = detectFormat(head, source.name, formats);
    if (!format) continue;
    const weight = source.size * (format.detect(head, source.name) <= WEAK ? WEAK_WEIGHT : 1);
    weights.set(format, (weights.get(format) ?? 0) + weight);
  }
  const [best] = [...weights].sort((a, b) => b[1] - a[1]);
  if (best) return best[0];
  const [{ source }] = files as [FoundFile];
  if (source.size === 0) throw noRows(source.name, "it has 0 bytes");
  // Says what the file is, for it is no text.
  await chooseEncoding(source, signal);
  throw new FailureError({ kind: "bad-file", message: `${source.name} is in no format that Descent reads. Nothing was imported.`, hint: `Descent reads ${formats.map(({ label }) => label).join(", ")}.`, where: source.name });
}

function nothingThere(leftOut: Gathered["leftOut"]): FailureError {
  const shown = leftOut.slice(0, 3).map(({ name, why }) => `${name} (${why})`).join(", ");
  const rest = leftOut.length > 3 ? ` and ${(leftOut.length - 3).toLocaleString("en")} more` : "";
  return new FailureError({
    kind: "bad-file",
    message: leftOut.length > 0 ? `No file was left to import: ${shown}${rest} ${leftOut.length === 1 ? "was" : "were"} left out.` : "There was no file to import.",
    hint: "Choose files with text or rows in them.",
  });
}
