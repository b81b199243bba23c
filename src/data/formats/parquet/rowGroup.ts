/**
 * Decodes one row group. In: the source and the footer. Out: the values of any top-level column in any range of its rows, physical as they
 * are stored. The packed bytes of the group are held; pages are checked before hyparquet sees them, and again once they are unpacked,
 * because it writes as many values as a page claims to have.
 */
import { type Compressors, type FileMetaData, type ParquetScan, parquetScan } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { RangedSource } from "../readBytes";
import { type Footer, chunkStart } from "./footer";
import { type ChunkPages, readPages } from "./pages";
import { isFlat, leavesOf, type SchemaNode } from "./schema";

export interface RowGroupReader {
  readonly rows: number;
  /** Unpacked, as the footer says. */
  readonly bytes: number;
  /** Values of rows [from, to) of the group. */
  read(column: SchemaNode, from: number, to: number): Promise<ArrayLike<unknown>>;
}

/** What went wrong in one column; the caller adds the file. */
export class ColumnError extends Error {
  readonly column: SchemaNode;
  constructor(column: SchemaNode, reason: string, cause?: unknown) {
    super(reason, { cause });
    this.column = column;
  }
}

/** Packed bytes of a row group; larger ones must be written anew in smaller groups. */
const MOST_PACKED = 2 ** 29;
/** Where the first chunk stands in the file that hyparquet sees; 0 would read as "absent". */
const FIRST_BYTE = 4;
const MOST_VALUES = 2 ** 26;

type Decompress = (packed: Uint8Array, unpackedBytes: number) => Uint8Array;

/** The way a codec is unpacked; undefined where it cannot be. */
export function decompressorOf(codec: string): Decompress | undefined {
  if (codec === "UNCOMPRESSED") return (packed) => packed;
  const decompress = new Map(Object.entries(compressors)).get(codec);
  return decompress && codec === "ZSTD" ? (packed, bytes) => decompress(checkFrame(packed, bytes), bytes) : decompress;
}

export async function openRowGroup(source: RangedSource, { metadata, schema }: Footer, index: number, columns: readonly SchemaNode[]): Promise<RowGroupReader> {
  const group = metadata.row_groups[index]!;
  const rows = Number(group.num_rows);
  const wanted = new Set(columns.flatMap(leavesOf));
  const packed = group.columns.reduce((sum, { meta_data: meta }, at) => sum + (wanted.has(schema.leaves[at]!) ? Number(meta!.total_compressed_size) : 0), 0);
  if (packed > MOST_PACKED) throw new Error(`row group ${index + 1} has ${Math.round(packed / 2 ** 20).toLocaleString("en")} MB, more than can be held; write it again with smaller ones (pyarrow: row_group_size=100000)`);
  const parts: Uint8Array[] = [];
  const guards: Compressors = {};
  let at = FIRST_BYTE;
  const chunks: FileMetaData["row_groups"][number]["columns"] = [];
  for (const [place, chunk] of group.columns.entries()) {
    const leaf = schema.leaves[place]!;
    if (!wanted.has(leaf)) continue;
    const meta = chunk.meta_data!;
    const start = Number(chunkStart(meta));
    const size = Number(meta.total_compressed_size);
    const read = await source.readRange(start, start + size);
    const { bytes, pages } = inColumn(columnOf(columns, leaf), () => readPages(read, factsOf(leaf, rows, meta.num_values, meta.codec)));
    // A codec of its own for every column is how the page being unpacked is known.
    const codec = leaf.key as "SNAPPY";
    guards[codec] = guard(decompressorOf(meta.codec)!, pages);
    chunks.push({ file_offset: BigInt(at), meta_data: { ...meta, codec, path_in_schema: [...leaf.plainPath], data_page_offset: BigInt(at), dictionary_page_offset: 0n, total_compressed_size: BigInt(bytes.length) } });
    parts.push(bytes);
    at += bytes.length;
  }
  const file = new Uint8Array(at);
  parts.reduce((place, part) => (file.set(part, place), place + part.length), FIRST_BYTE);
  const plain: FileMetaData = { ...metadata, schema: schema.plain, num_rows: group.num_rows, row_groups: [{ ...group, columns: chunks }] };
  const scan = await parquetScan({
    file: { byteLength: file.length, slice: (from, to) => file.slice(from, to).buffer },
    metadata: plain, compressors: guards, utf8: false, geoparquet: false, useOffsetIndex: false,
    parsers: { timestampFromNanoseconds: (nanoseconds) => nanoseconds },
  });
  return { rows, bytes: Number(group.total_byte_size), read: (column, from, to) => readColumn(scan, column, { from, to, rows }) };
}

const columnOf = (columns: readonly SchemaNode[], leaf: SchemaNode): SchemaNode => columns.find((column) => column.plainPath[0] === leaf.plainPath[0]) ?? leaf;

function inColumn<T>(column: SchemaNode, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new ColumnError(column, error instanceof Error ? error.message : String(error), error);
  }
}

function factsOf(leaf: SchemaNode, rows: number, declared: bigint, codec: string): Parameters<typeof readPages>[1] {
  const isSimple = leaf.maxRepetition === 0;
  if (isSimple && declared !== BigInt(rows)) throw new Error(`it declares ${declared.toLocaleString("en")} values for ${rows.toLocaleString("en")} rows`);
  if (declared < 0n || declared > BigInt(MOST_VALUES)) throw new Error(`a row group has ${declared.toLocaleString("en")} values of it, more than can be held; write the file again with smaller row groups`);
  return { physicalType: leaf.element.type!, maxDefinition: leaf.maxDefinition, maxRepetition: leaf.maxRepetition, values: Number(declared), isPacked: codec !== "UNCOMPRESSED" };
}

/** Unpacks a page that was announced, and checks what comes out. Its place in the chunk is its place in the memory that was handed out. */
function guard(decompress: Decompress, pages: ChunkPages["pages"]): Decompress {
  return (packed, unpackedBytes) => {
    const facts = pages.get(packed.byteOffset);
    if (facts?.unpackedBytes !== unpackedBytes && facts !== undefined) throw new Error("a page has two sizes");
    const bytes = decompress(packed, unpackedBytes);
    if (bytes.length !== unpackedBytes) throw new Error(`a page unpacks to ${bytes.length.toLocaleString("en")} bytes, ${unpackedBytes.toLocaleString("en")} are declared`);
    if (!facts) throw new Error("a page stands where none was announced");
    facts.check(bytes);
    return bytes;
  };
}

async function readColumn(scan: ParquetScan, column: SchemaNode, { from, to, rows }: { readonly from: number; readonly to: number; readonly rows: number }): Promise<ArrayLike<unknown>> {
  try {
    // Nested columns have no pages that could be left out: they are decoded once, whole, and cut.
    if (!isFlat(column)) await scan.readColumn({ column: column.key, rowStart: 0, rowEnd: rows });
    const values = await scan.readColumn({ column: column.key, rowStart: from, rowEnd: to });
    if (values.length !== to - from) throw new Error(`rows ${(from + 1).toLocaleString("en")} to ${to.toLocaleString("en")} are declared, ${values.length.toLocaleString("en")} of them are there`);
    return values;
  } catch (error) {
    throw new ColumnError(column, error instanceof Error ? error.message : String(error), error);
  }
}

/** A Zstandard frame says how much it unpacks to, or how far back it refers; the decoder allocates that. RFC 8878, 3.1.1. */
function checkFrame(packed: Uint8Array, unpackedBytes: number): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  if (packed.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) throw new Error("a page is not the Zstandard frame it should be");
  const descriptor = packed[4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const windowByte = packed[5]!;
  const window = isSingle ? 0 : 2 ** (10 + (windowByte >> 3)) * (1 + (windowByte & 7) / 8);
  const at = 5 + (isSingle ? 0 : 1) + dictionaryBytes;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  if (at + sizeBytes > packed.length) throw new Error("a page breaks off");
  const size = sizeBytes === 0 ? undefined : sizeBytes === 1 ? packed[at]! : sizeBytes === 2 ? view.getUint16(at, true) + 256 : sizeBytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
  if ((size !== undefined && size > unpackedBytes) || window > 2 ** 27) throw new Error(`a page of ${packed.length.toLocaleString("en")} bytes says that it unpacks to ${(size ?? window).toLocaleString("en")}`);
  return packed;
}
