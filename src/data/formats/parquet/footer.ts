/**
 * The footer of a Parquet file. In: a source of which any range can be read. Out: its metadata, every length checked against the file
 * before anything is allocated and every count against the others; or a FailureError in plain words.
 * https://github.com/apache/parquet-format#file-format
 */
import { type FileMetaData, parquetMetadata } from "hyparquet";
import { FailureError } from "../../../settings/failure";
import type { RangedSource } from "../readBytes";
import { type ParquetSchema, readSchema } from "./schema";
import { readThrift } from "./thrift";

export interface Footer {
  readonly metadata: FileMetaData;
  readonly schema: ParquetSchema;
}

const SMALLEST_FILE = 12;
const LONGEST_FOOTER = 2 ** 28;
/** Of one row group: what can be held at once. */
const MOST_ROWS = 2 ** 24;

export function damaged(name: string, reason: string, cause?: unknown): FailureError {
  return new FailureError(
    { kind: "bad-file", message: `${name} cannot be read as Parquet: ${reason}. Nothing was imported.`, hint: "Fetch or write the file again; a download that broke off looks like this.", where: name },
    cause,
  );
}

/** What an error says; the engine's own errors only say that the bytes were nonsense to the decoder. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof TypeError || cause instanceof RangeError) return "its bytes do not form what they should there";
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}

export async function readFooter(source: RangedSource): Promise<Footer> {
  const { name, size } = source;
  if (size < SMALLEST_FILE) throw damaged(name, `it has only ${size} bytes`);
  const tail = await source.readRange(size - 8, size);
  const mark = String.fromCharCode(...tail.subarray(4));
  if (mark === "PARE") {
    throw new FailureError({ kind: "bad-file", message: `${name} is encrypted. Nothing was imported.`, hint: "Write it without encryption (with the key, in the program it comes from), and import that.", where: name });
  }
  if (mark !== "PAR1") throw damaged(name, "it does not end as Parquet files do, so its end is missing");
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > size - SMALLEST_FILE || length > LONGEST_FOOTER) throw damaged(name, `its footer says that it has ${length.toLocaleString("en")} bytes; the file has ${size.toLocaleString("en")}`);
  const bytes = await source.readRange(size - 8 - length, size);
  try {
    readThrift(bytes.subarray(0, length), 0);
    const metadata = parquetMetadata(bytes, { geoparquet: false, parsers: NO_PARSERS });
    const schema = readSchema(metadata.schema);
    checkCounts(metadata, schema, size);
    return { metadata, schema };
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw damaged(name, reasonOf(error), error);
  }
}

/** The footer's smallest and largest values are not needed; one that cannot be spelled must not stop the import. */
const nothing = (): undefined => undefined;
const NO_PARSERS = { timestampFromMilliseconds: nothing, timestampFromMicroseconds: nothing, timestampFromNanoseconds: nothing, dateFromDays: nothing, stringFromBytes: nothing, uuidFromBytes: nothing };

function checkCounts(metadata: FileMetaData, schema: ParquetSchema, size: number): void {
  let rows = 0n;
  if (!areCounts(metadata.num_rows)) throw new Error("its number of rows is no whole number");
  for (const [index, group] of metadata.row_groups.entries()) {
    const place = `row group ${index + 1}`;
    if (!areCounts(group.num_rows) || group.num_rows < 0n) throw new Error(`${place} says that it has ${group.num_rows} rows`);
    if (group.num_rows > BigInt(MOST_ROWS)) throw new Error(`${place} has ${group.num_rows.toLocaleString("en")} rows, more than are read at once; write it again with smaller ones (pyarrow: row_group_size=100000)`);
    if (group.columns.length !== schema.leaves.length) throw new Error(`${place} has ${group.columns.length} columns, the schema has ${schema.leaves.length}`);
    rows += group.num_rows;
    for (const [column, chunk] of group.columns.entries()) {
      const leaf = schema.leaves[column]!;
      const meta = chunk.meta_data;
      const where = `column "${leaf.path.join(".")}" of ${place}`;
      if (chunk.file_path !== undefined && chunk.file_path !== "") throw new Error(`${where} lies in another file (${chunk.file_path})`);
      if (!meta) throw new Error(`${where} is encrypted or has no description`);
      if (meta.path_in_schema.join("\0") !== leaf.path.join("\0") || meta.type !== leaf.element.type) throw new Error(`${where} is not the column that the schema has there`);
      if (!areCounts(meta.num_values, meta.data_page_offset, meta.total_compressed_size, meta.dictionary_page_offset ?? 0n)) throw new Error(`${where} has a size or place that is no whole number`);
      const start = chunkStart(meta);
      if (start < 4n || meta.total_compressed_size < 0n || start + meta.total_compressed_size > BigInt(size)) throw new Error(`${where} lies outside the file`);
    }
  }
  if (rows !== metadata.num_rows) throw new Error(`it declares ${metadata.num_rows.toLocaleString("en")} rows, its row groups hold ${rows.toLocaleString("en")}`);
}

/** A damaged footer gives a field another type, whatever hyparquet's types promise. */
const areCounts = (...values: readonly unknown[]): boolean => values.every((value) => typeof value === "bigint");

/** A dictionary, where there is one, stands before the first page. */
export function chunkStart({ dictionary_page_offset: dictionary, data_page_offset: data }: { readonly dictionary_page_offset?: bigint; readonly data_page_offset: bigint }): bigint {
  return dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data;
}
