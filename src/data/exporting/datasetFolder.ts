/**
 * A dataset as the Hugging Face Hub and `datasets.load_dataset` take it. In: a table or the parts it is split into. Out: a zip of
 * `data/PART-00000-of-00001.parquet` for each part and a README.md with the features, written in one pass behind one that looks.
 * https://huggingface.co/docs/hub/datasets-manual-configuration
 */
import { Zip, ZipPassThrough } from "fflate";
import type { ByteSink, WriteSummary } from "../formats/format";
import { examineColumns } from "../formats/parquet/shape";
import { writeRows } from "../formats/parquet/write";
import { canceled } from "../formats/readBytes";
import { type PartFacts, writeCard } from "./card";
import type { ExportContext, ExportPart, ExportSource } from "./source";

/** A zip's entries have the time of their making; a fixed one makes equal rows equal files. */
const WHEN = "1980-01-02";

export async function writeDatasetFolder(source: ExportSource, sink: ByteSink, { signal, onRows }: ExportContext): Promise<WriteSummary> {
  const stop = (): void => {
    if (signal?.aborted) throw canceled(source.name);
  };
  const parts: readonly ExportPart[] = source.parts ?? [{ part: "train", table: source.table }];
  const shapes = await examineColumns(parts.map(({ table }) => table), stop);
  const zip = createZip(sink);
  const facts: PartFacts[] = [];
  let rowsBefore = 0;
  for (const { part, table } of parts) {
    const before = rowsBefore;
    const file = zip.add(`data/${part}-00000-of-00001.parquet`);
    const told = (rows: number): void => {
      stop();
      onRows?.(before + rows);
    };
    await writeRows(table, file, { shapes, codec: "SNAPPY", onRows: told });
    facts.push({ part, rows: table.rows, fileBytes: await file.finish(), bytes: await countBytes(table) });
    rowsBefore += table.rows;
  }
  const card = zip.add("README.md");
  await card.write(new TextEncoder().encode(writeCard(source, shapes, facts)));
  await card.finish();
  await zip.finish();
  return { notes: shapes.flatMap(({ notes }) => notes) };
}

/** About what the rows take in memory as Arrow holds them: text as UTF-8 with its offsets, numbers in eight bytes. */
async function countBytes(table: ExportPart["table"]): Promise<number> {
  let bytes = 0;
  for await (const { columns } of table.scan()) {
    for (const cells of columns) {
      for (const cell of cells) bytes += typeof cell === "string" ? utf8Length(cell) + 4 : typeof cell === "boolean" ? 1 : 8;
    }
  }
  return bytes;
}

function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // Half a surrogate pair is two of its four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

interface ZipFile extends ByteSink {
  /** Answers how many bytes the file has. */
  finish(): Promise<number>;
}

/** Files one after the other, stored as they are, since Parquet is packed. */
function createZip(sink: ByteSink): { add(path: string): ZipFile; finish(): Promise<void> } {
  const ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, bytes) => {
    failure ??= error;
    ready.push(bytes);
  });
  const drain = async (): Promise<void> => {
    if (failure) throw failure;
    for (const bytes of ready.splice(0)) if (bytes.length > 0) await sink.write(bytes);
  };
  return {
    add(path) {
      const file = new ZipPassThrough(path);
      file.mtime = WHEN;
      zip.add(file);
      let size = 0;
      return {
        async write(bytes) {
          size += bytes.length;
          file.push(bytes);
          await drain();
        },
        async finish() {
          file.push(new Uint8Array(), true);
          await drain();
          return size;
        },
      };
    },
    async finish() {
      zip.end();
      await drain();
    },
  };
}
