/**
 * Tables as files for the user to keep. In: a table, an export by its id and its settings, and a sink. Out: bytes, the file's name, and
 * what the format could not carry. Every format that can be written is an export, packed with gzip if asked; so is the dataset folder.
 */
import { z } from "zod";
import { FailureError } from "../../settings/failure";
import { describeFields, toggle } from "../../settings/field";
import { formats } from "../formats";
import type { ByteSink, FormatSettings, TableFormat, WriteSummary } from "../formats/format";
import type { FormatInfo } from "../types/importing";
import { writeDatasetFolder } from "./datasetFolder";
import { gzipSink } from "./gzip";
import { type ExportContext, type ExportSource, fileNameOf } from "./source";

export type { ExportContext, ExportPart, ExportSource } from "./source";

interface Exporter {
  readonly info: FormatInfo;
  readonly settings: z.ZodObject;
  /** Of the file: "rows.csv.gz". */
  extension(settings: FormatSettings): string;
  write(source: ExportSource, sink: ByteSink, options: ExportContext & { readonly settings: FormatSettings }): Promise<WriteSummary>;
}

export interface ExportResult extends WriteSummary {
  readonly fileName: string;
}

const packing = z.object({ gzip: toggle({ label: "Pack with gzip", help: "Smaller; most programs open it as it is.", group: "Data", default: false }) });

const folder: Exporter = {
  info: {
    id: "dataset-folder", label: "Hugging Face dataset", summary: "A zip of Parquet files, one for each part of the split, and a card with the features.",
    canWrite: true, extensions: ["zip"], writeFields: [],
  },
  settings: z.object({}),
  extension: () => "zip",
  write: writeDatasetFolder,
};

function exporterOf(format: TableFormat): Exporter | undefined {
  const { id, label, summary, extensions, write: writer } = format;
  if (!writer) return undefined;
  const settings = writer.isPacked ? writer.settings : z.object({ ...writer.settings.shape, ...packing.shape });
  const isGzip = (given: FormatSettings): boolean => given["gzip"] === true;
  return {
    info: { id, label, summary, extensions, canWrite: true, writeFields: describeFields(settings) },
    settings,
    extension: (given) => `${extensions[0]}${isGzip(given) ? ".gz" : ""}`,
    async write({ table }, sink, options) {
      const target = isGzip(options.settings) ? gzipSink(sink) : undefined;
      const summary = await writer.write(table, target ?? sink, options);
      await target?.finish();
      return summary;
    },
  };
}

const exportersOf = (among: readonly TableFormat[]): Exporter[] => [...among.flatMap((format) => exporterOf(format) ?? []), folder];

/** All formats, those that can only be read too, and the dataset folder. */
export function listFormats(among = formats): FormatInfo[] {
  const written = exportersOf(among).map(({ info }) => info);
  const onlyRead = among.filter(({ write }) => !write).map(({ id, label, summary, extensions }) => ({ id, label, summary, extensions, canWrite: false, writeFields: [] }));
  return [...written, ...onlyRead];
}

export async function exportTable(source: ExportSource, id: string, settings: FormatSettings, sink: ByteSink, context: ExportContext = {}): Promise<ExportResult> {
  const exporter = exportersOf(formats).find(({ info }) => info.id === id);
  if (!exporter) throw new FailureError({ kind: "bad-settings", message: `There is no export called "${id}".`, hint: "Choose one of the formats in the list.", where: "format" });
  const parsed = exporter.settings.safeParse(settings);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FailureError({ kind: "bad-settings", message: `${exporter.info.label} cannot be written with these settings: ${issue?.path.join(".") ?? "settings"}: ${issue?.message ?? "not valid"}.`, hint: "Change that setting and export again.", where: String(issue?.path[0] ?? "format") });
  }
  const checked = parsed.data as FormatSettings;
  const { notes } = await exporter.write(source, sink, { ...context, settings: checked });
  return { fileName: `${fileNameOf(source.name)}.${exporter.extension(checked)}`, notes };
}
