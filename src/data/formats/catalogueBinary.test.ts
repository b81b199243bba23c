/** Rows 7 and 25–29 of the bad-input catalogue: one test each, named by its number; the texts of the rows stand in the test names. */
import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";
import { gzipSync, zipSync } from "fflate";
import { parquetMetadata } from "hyparquet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FailureError } from "../../settings/failure";
import type { Cell } from "../types/table";
import { openSources } from "./archives";
import { crc32c, maskCrc } from "./crc32c";
import { parquet } from "./parquet";
import { numberField, readThrift } from "./parquet/thrift";
import { type ByteSource, blobSource, readBytes } from "./readBytes";
import { keepRows, readAll } from "./testing/sources";
import { tfrecord } from "./tfrecord";

const FIXTURES = new URL("fixtures/", import.meta.url);
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FIXTURES)));
const sourceOf = (bytes: Uint8Array, name: string): ByteSource => blobSource(new Blob([bytes.slice()]), name);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(() => {
  process.off("unhandledRejection", note);
  const [reason] = rejections.splice(0);
  if (reason !== undefined) throw new Error("A rejection was handled by nobody.", { cause: reason });
});

async function failureOf(work: Promise<unknown>): Promise<FailureError["failure"]> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(FailureError);
  return (error as FailureError).failure;
}

async function readParquet(bytes: Uint8Array, name = "rows.parquet"): Promise<ReturnType<typeof keepRows>> {
  const sink = keepRows();
  await parquet.read(sourceOf(bytes, name), sink, { settings: {} });
  return sink;
}

test("7: gzip and zip bombs, nested zips, ../, absolute names, links, truncated gzip", async () => {
  const zeros = new Uint8Array(2 ** 26 + 2 ** 20);
  for (const packed of [gzipSync(zeros), zipSync({ "zeros.txt": zeros })]) {
    const read = async (): Promise<number> => {
      let bytes = 0;
      for (const file of (await openSources([sourceOf(packed, "bomb")])).files) for await (const piece of readBytes(file)) bytes += piece.length;
      return bytes;
    };
    expect((await failureOf(read())).message).toContain("unpacks to more than 200 times its size");
  }
  // A zip that says of a file that it is larger than the 2 GB that are read leaves it out, unread.
  const huge = zipSync({ "a.txt": utf8("a") });
  const place = Buffer.from(huge).indexOf("PK\x01\x02");
  new DataView(huge.buffer).setUint32(place + 24, 0xfffffffe, true);
  expect((await failureOf(openSources([sourceOf(huge, "huge.zip")]))).message).toContain("huge.zip holds more than 2 GB");
  const { leftOut } = await openSources([sourceOf(zipSync({ "../a.csv": utf8("a"), "/b.csv": utf8("b"), "c.zip": zipSync({}) }), "x.zip")]);
  expect(leftOut.map(({ why }) => why)).toEqual(["its name leads out of the archive (../)", "its name is an absolute path", "an archive within an archive is not opened; unpack it and add it by itself"]);
  const text = gzipSync(utf8("a,b\n".repeat(10_000)));
  for (const cut of [1, 4, 8, text.length >> 1]) {
    const [file] = (await openSources([sourceOf(text.slice(0, -cut), "cut.csv.gz")])).files;
    const drain = async (): Promise<void> => {
      for await (const piece of readBytes(file!)) expect(piece.length).toBeGreaterThan(0);
    };
    expect((await failureOf(drain())).message).toMatch(/^cut\.csv\.gz is damaged: /);
  }
});

/** Files of every codec, encoding and type, each with the rows that are right. */
const VALID = readdirSync(FIXTURES).filter((name) => name.endsWith(".parquet") && name !== "pages.parquet").map((name) => {
  const rows = JSON.parse(readFileSync(new URL(name.replace(/(\.\w+)?\.parquet$/, ".json"), FIXTURES), "utf8")) as { rows: Cell[][] };
  return { name, bytes: fixture(name), rows: rows.rows };
});

test("25: a cut anywhere is a clean error", async () => {
  for (const { name, bytes } of VALID) {
    for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 40)) {
      const { kind, message } = await failureOf(readParquet(bytes.slice(0, length), name));
      expect(kind).toBe("bad-file");
      expect(message.startsWith(name)).toBe(true);
    }
  }
});

const damages = fc.array(fc.record({ place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), inFooter: fc.boolean(), value: fc.integer({ min: 0, max: 255 }), length: fc.constantFrom(1, 1, 1, 2, 9) }), { minLength: 1, maxLength: 3 });

test("25: any bytes overwritten give a clean error, or as many rows as the file declares, in bounded time", async () => {
  await fc.assert(fc.asyncProperty(fc.constantFrom(...VALID), damages, async ({ name, bytes, rows }, places) => {
    const damaged = bytes.slice();
    const footer = new DataView(bytes.buffer).getUint32(bytes.length - 8, true) + 8;
    for (const { place, inFooter, value, length } of places) {
      const at = inFooter ? bytes.length - 1 - Math.floor(place * footer) : Math.floor(place * bytes.length);
      damaged.fill(value, at, at + length);
    }
    try {
      const found = await readParquet(damaged, name);
      expect(found.cells).toHaveLength(rows.length);
    } catch (error) {
      expect(error).toBeInstanceOf(FailureError);
      expect((error as FailureError).failure.message).toContain(name);
    }
  }), { numRuns: 1500 });
});

/** Start and length of the packed contents of a chunk's pages. */
function pagesOf(bytes: Uint8Array, from: number, length: number): [start: number, length: number][] {
  const pages: [number, number][] = [];
  for (let at = from; at < from + length; ) {
    const { fields, end } = readThrift(bytes, at);
    const size = numberField(fields, 3);
    if (size > 0) pages.push([end, size]);
    at = end + size;
  }
  return pages;
}

test("25: where pages carry checksums, a damaged page is never read as rows", async () => {
  const bytes = fixture("reviews.zstd.parquet");
  const pages = parquetMetadata(bytes).row_groups.flatMap(({ columns }) => columns.flatMap(({ meta_data: meta }) => pagesOf(bytes, Number(meta!.dictionary_page_offset ?? meta!.data_page_offset), Number(meta!.total_compressed_size))));
  // A header has no checksum; most of what can befall it is noticed, but not all.
  await fc.assert(fc.asyncProperty(fc.constantFrom(...pages), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.nat(7), async ([start, length], place, bit) => {
    const at = start + Math.floor(place * length);
    const damaged = bytes.slice();
    damaged[at]! ^= 1 << bit;
    const { message } = await failureOf(readParquet(damaged));
    expect(message).toContain("a page does not match its checksum");
  }), { numRuns: 300 });
});

test("26: a footer of 4 GB is refused before anything is allocated; declared rows that are not there are an error", async () => {
  const bytes = fixture("reviews.none.parquet");
  const long = bytes.slice();
  new DataView(long.buffer).setUint32(long.length - 8, 0xffffffff, true);
  expect((await failureOf(readParquet(long))).message).toContain("its footer says that it has 4,294,967,295 bytes");
  // 300 rows in zigzag are D8 04; the first stands in the file's own count, 301 is DA 04.
  const more = bytes.slice();
  const footer = bytes.length - 8 - new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  const at = Buffer.from(bytes).indexOf(Buffer.from([0xd8, 0x04]), footer);
  more[at] = 0xda;
  expect((await failureOf(readParquet(more))).message).toContain("it declares 301 rows, its row groups hold 300");
});

test("27: a codec that cannot be read leaves its column out and says so; nothing left is an error; encryption is named", async () => {
  const bytes = fixture("int96.parquet");
  const footer = bytes.length - 8 - new DataView(bytes.buffer).getUint32(bytes.length - 8, true);
  // The codec follows the path: field 4, i32, SNAPPY (1 in zigzag 02); LZO is 3, zigzag 06.
  const at = Buffer.from(bytes).indexOf(Buffer.concat([Buffer.from("when"), Buffer.from([0x15, 0x02])]), footer);
  expect(at).toBeGreaterThan(0);
  const lzo = bytes.slice();
  lzo[Buffer.from(bytes).indexOf(Buffer.concat([Buffer.from("when"), Buffer.from([0x15, 0x02])]), at) + 5] = 0x06;
  const sink = keepRows();
  await failureOf(parquet.read(sourceOf(lzo, "lzo.parquet"), sink, { settings: {} }));
  expect(sink.problems).toEqual([expect.objectContaining({ row: 0, column: "when", found: "the codec LZO", action: "skipped" })]);
  const encrypted = bytes.slice();
  encrypted.set(utf8("PARE"), encrypted.length - 4);
  expect((await failureOf(readParquet(encrypted))).message).toBe("rows.parquet is encrypted. Nothing was imported.");
});

const EXAMPLES = fixture("examples.tfrecord");
const lengthAt = (bytes: Uint8Array, at: number): number => Number(new DataView(bytes.buffer).getBigUint64(at, true));
const SECOND = 16 + lengthAt(EXAMPLES, 0);
const THIRD = SECOND + 16 + lengthAt(EXAMPLES, SECOND);

function frame(contents: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(contents.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(contents.length), true);
  view.setUint32(8, maskCrc(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(contents, 12);
  view.setUint32(12 + contents.length, maskCrc(crc32c(contents)), true);
  return bytes;
}

test("28: a length or contents that do not match their checksum, a cut, a length of 2^63", async () => {
  const change = (at: number): Uint8Array => EXAMPLES.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const ofLength = await readAll(tfrecord, change(THIRD));
  expect([ofLength.rows.length, ofLength.problems]).toEqual([2, [expect.objectContaining({
    row: 3, byte: THIRD, expected: expect.stringMatching(/^checksum 0x[0-9A-F]{8} of the record's length$/) as string, action: "skipped",
    next: "Keep the 2 good records before it, or fetch the file again: where the next record begins cannot be known.",
  })]]);
  const ofContents = await readAll(tfrecord, change(SECOND + 20));
  expect([ofContents.rows.length, ofContents.problems]).toEqual([1, [expect.objectContaining({ row: 2, byte: SECOND, expected: expect.stringContaining("of the record's contents") as string })]]);
  const cut = await readAll(tfrecord, EXAMPLES.slice(0, -1));
  expect(cut.problems).toEqual([expect.objectContaining({ row: 3, byte: THIRD, expected: `a record of ${lengthAt(EXAMPLES, THIRD)} bytes`, found: `${EXAMPLES.length - THIRD - 1} bytes, then the end of the file` })]);
  const long = frame(new Uint8Array());
  new DataView(long.buffer).setBigUint64(0, 2n ** 63n, true);
  new DataView(long.buffer).setUint32(8, maskCrc(crc32c(long.subarray(0, 8))), true);
  expect((await readAll(tfrecord, new Uint8Array([...EXAMPLES.subarray(0, SECOND), ...long]))).problems).toEqual([expect.objectContaining({ row: 2, expected: "a record of at most 256 MB", found: "one of 9,223,372,036,854,775,808 bytes" })]);
  expect((await failureOf(readAll(tfrecord, change(0)))).message).toContain("cannot be read as TFRecord: at byte 0, checksum");
});

test("29: a wire type that is none, a number of more than ten bytes, nesting, lengths that lie: the record is left out, the others stay", async () => {
  const good = EXAMPLES.subarray(0, SECOND);
  const bad: readonly [contents: readonly number[], found: string][] = [
    [[0x0f], "field 1 has the unknown wire type 7"],
    [[0x0a, ...Array<number>(11).fill(0xff)], "a number has more than ten bytes"],
    [Array<number>(40).fill(0x0b), "groups are nested too deeply"],
    [[0x0a, 0x7f, 0x00], "field 1 says that it has 127 bytes, 1 are left"],
    [[0x08, 0x01], "field 1 has wire type 0 where a message was expected"],
    [[0x0a, 0x80], "a number breaks off"],
  ];
  for (const [contents, found] of bad) {
    const read = await readAll(tfrecord, new Uint8Array([...good, ...frame(Uint8Array.from(contents)), ...good]));
    expect([read.rows.length, read.problems]).toEqual([2, [expect.objectContaining({ row: 2, byte: SECOND, found, expected: "a tf.train.Example", action: "skipped" })]]);
  }
});

test("28, 29: any bytes overwritten in a TFRecord file give a clean error, or rows that were in it", async () => {
  const { rows } = await readAll(tfrecord, EXAMPLES);
  await fc.assert(fc.asyncProperty(fc.nat(EXAMPLES.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.boolean(), async (at, bytes, isCut) => {
    const damaged = isCut ? EXAMPLES.slice(0, at) : new Uint8Array([...EXAMPLES.subarray(0, at), ...bytes, ...EXAMPLES.subarray(at + bytes.length)]);
    const found = await readAll(tfrecord, damaged).catch((error: unknown) => {
      expect(error).toBeInstanceOf(FailureError);
      return undefined;
    });
    // A column that only the lost records have is not there.
    if (found) expect(found.rows.map(([text]) => text)).toEqual(rows.slice(0, found.rows.length).map(([text]) => text));
  }), { numRuns: 500 });
});
