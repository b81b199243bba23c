/**
 * Looks at every page header of a column chunk before anything is decoded. In: the chunk's bytes and what the footer says of it. Out: for
 * each page where its packed values stand and what must be true of them once they are unpacked; or an error that says what is wrong.
 * The counts of all pages must add up to what the footer declares, and no size may exceed what is there.
 */
import { crc32 } from "../crc32c";
import { checkDeltas, checkRuns, countInRuns } from "./runs";
import { type ThriftStruct, type WrittenField, numberField, readThrift, writeThrift } from "./thrift";

/** What the schema and footer say about a column's values. */
export interface ChunkFacts {
  readonly physicalType: string;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** Values in all pages, missing ones counted. */
  readonly values: number;
  readonly isPacked: boolean;
}

export interface PageFacts {
  readonly unpackedBytes: number;
  /** To be called with the bytes after unpacking. */
  check(bytes: Uint8Array): void;
}

export interface ChunkPages {
  /** The chunk, with the headers of its pages set right. */
  readonly bytes: Uint8Array;
  /** By the offset of their packed bytes in `bytes`. */
  readonly pages: ReadonlyMap<number, PageFacts>;
}

const LARGEST_PAGE = 2 ** 28;
/** As for archives: beyond this size a page may unpack to at most 200 times its packed bytes. */
const FREE_BYTES = 2 ** 26;
const HIGHEST_RATIO = 200;
const DATA_PAGE = 0;
const INDEX_PAGE = 1;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
const ENCODINGS = ["PLAIN", "GROUP_VAR_INT", "PLAIN_DICTIONARY", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"];

const bitsFor = (highest: number): number => 32 - Math.clz32(highest);

export function readPages(chunk: Uint8Array, facts: ChunkFacts): ChunkPages {
  const pages = new Map<number, PageFacts>();
  const parts: Uint8Array[] = [];
  let values = 0;
  let written = 0;
  let hasDictionary = false;
  for (let at = 0; at < chunk.length - 1 && values < facts.values; ) {
    const { fields, end } = readThrift(chunk, at);
    const type = numberField(fields, 1);
    const unpackedBytes = numberField(fields, 2);
    const packedBytes = numberField(fields, 3);
    if (packedBytes < 0 || packedBytes > chunk.length - end) throw new Error(`a page says that it has ${packedBytes.toLocaleString("en")} bytes, ${(chunk.length - end).toLocaleString("en")} are left`);
    if (unpackedBytes < 0 || unpackedBytes > LARGEST_PAGE || (unpackedBytes > FREE_BYTES && unpackedBytes > HIGHEST_RATIO * packedBytes)) {
      throw new Error(`a page of ${packedBytes.toLocaleString("en")} bytes says that it unpacks to ${unpackedBytes.toLocaleString("en")}`);
    }
    const bytes = chunk.subarray(end, end + packedBytes);
    const check = fields.get(4);
    if (typeof check === "number" && crc32(bytes) !== check >>> 0) throw new Error("a page does not match its checksum");
    const page = type === INDEX_PAGE ? undefined : describePage(type, fields, bytes, facts);
    if (page) {
      values += page.values;
      const knowsDictionary = hasDictionary;
      hasDictionary ||= type === DICTIONARY_PAGE;
      const checkUnpacked = (unpacked: Uint8Array): void => page.check(unpacked, knowsDictionary);
      const header = page.header ? Uint8Array.from(writeThrift([[1, type], [2, unpackedBytes], [3, packedBytes], ...page.header])) : chunk.subarray(at, end);
      parts.push(header, bytes);
      pages.set(written + header.length + page.levelBytes, { unpackedBytes: unpackedBytes - page.levelBytes, check: checkUnpacked });
      if (!page.isPacked && unpackedBytes !== packedBytes) throw new Error("a page that is not packed has two sizes");
      if (!page.isPacked) checkUnpacked(bytes.subarray(page.levelBytes));
      written += header.length + bytes.length;
    }
    at = end + packedBytes;
  }
  if (values !== facts.values) throw new Error(`${facts.values.toLocaleString("en")} values are declared, its pages hold ${values.toLocaleString("en")}`);
  return { bytes: join(parts, written), pages };
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

interface Page {
  readonly values: number;
  /** Levels before the values that are never packed. */
  readonly levelBytes: number;
  readonly isPacked: boolean;
  /** Fields of its header from the fourth on, where the file's own mislead. */
  readonly header?: readonly WrittenField[];
  check(bytes: Uint8Array, hasDictionary: boolean): void;
}

function describePage(type: number, fields: ThriftStruct, bytes: Uint8Array, facts: ChunkFacts): Page {
  if (type === DATA_PAGE) return describeDataPage(structField(fields, 5), facts);
  if (type === DATA_PAGE_V2) return describeDataPageV2(structField(fields, 8), bytes, facts);
  if (type !== DICTIONARY_PAGE) throw new Error(`a page has the unknown kind ${type}`);
  const entries = numberField(structField(fields, 7), 1);
  return {
    values: 0, levelBytes: 0, isPacked: facts.isPacked,
    check(unpacked) {
      // Every entry takes a byte at least.
      if (entries < 0 || entries > unpacked.length) throw new Error(`a dictionary of ${unpacked.length.toLocaleString("en")} bytes says that it has ${entries.toLocaleString("en")} entries`);
    },
  };
}

function describeDataPage(header: ThriftStruct, facts: ChunkFacts): Page {
  const values = countOf(header, facts);
  const encoding = numberField(header, 2);
  return {
    values, levelBytes: 0, isPacked: facts.isPacked,
    check(bytes, hasDictionary) {
      let at = 0;
      for (const highest of [facts.maxRepetition, facts.maxDefinition]) {
        if (highest === 0) continue;
        const length = lengthAt(bytes, at);
        checkRuns(bytes.subarray(at + 4, at + 4 + length), 0, bitsFor(highest), values);
        at += 4 + length;
      }
      checkValues(bytes.subarray(at), encoding, { most: values, hasDictionary, facts });
    },
  };
}

function describeDataPageV2(header: ThriftStruct, bytes: Uint8Array, facts: ChunkFacts): Page {
  const values = countOf(header, facts);
  const nulls = numberField(header, 2);
  const [definition, repetition] = [numberField(header, 5), numberField(header, 6)];
  if (nulls < 0 || nulls > values || definition < 0 || repetition < 0 || definition + repetition > bytes.length) throw new Error("a page has levels of an impossible size");
  if (facts.maxRepetition > 0) checkRuns(bytes.subarray(0, repetition), 0, bitsFor(facts.maxRepetition), values);
  if (facts.maxDefinition > 0) checkRuns(bytes.subarray(repetition, repetition + definition), 0, bitsFor(facts.maxDefinition), values);
  const encoding = numberField(header, 4);
  const isPacked = facts.isPacked && header.get(7) !== false;
  // Arrow does not count values as null that are missing because a list around them is empty; hyparquet needs to know how many are there.
  const present = facts.maxDefinition === 0 ? values : countInRuns(bytes.subarray(repetition, repetition + definition), bitsFor(facts.maxDefinition), values, facts.maxDefinition);
  const fields: readonly WrittenField[] = [[1, values], [2, values - present], [3, numberField(header, 3)], [4, encoding], [5, definition], [6, repetition], [7, isPacked]];
  return {
    values, levelBytes: definition + repetition, isPacked,
    ...(present === values - nulls ? {} : { header: [[8, fields]] }),
    check: (unpacked, hasDictionary) => checkValues(unpacked, encoding, { most: present, hasDictionary, facts }),
  };
}

interface Expected {
  /** The number of values, or more where the missing ones are not counted yet. */
  readonly most: number;
  readonly hasDictionary: boolean;
  readonly facts: ChunkFacts;
}

function checkValues(bytes: Uint8Array, encoding: number, { most, hasDictionary, facts: { physicalType, maxDefinition } }: Expected): void {
  const spelled = ENCODINGS[encoding];
  if (spelled?.endsWith("_DICTIONARY") === true) {
    const width = bytes[0] ?? 0;
    // A page of nothing but missing values needs none.
    if (bytes.length > 1 && !hasDictionary) throw new Error("a page refers to a dictionary that is not there");
    if (width > 32) throw new Error(`a page packs numbers of ${width} bits`);
    if (width > 0) checkRunsUpTo(bytes.subarray(1), width, most);
  } else if (spelled === "RLE") {
    if (physicalType !== "BOOLEAN") throw new Error("a page has its values in an encoding meant for levels");
    checkRunsUpTo(bytes.subarray(4), 1, most);
  } else if (spelled?.startsWith("DELTA") === true && bytes.length > 0) {
    // The numbers say themselves how many they are; missing values are not among them.
    const end = checkDeltas(bytes, 0, maxDefinition > 0 ? 0 : most);
    if (spelled === "DELTA_BYTE_ARRAY") checkDeltas(bytes, end, 0);
  }
}

/** Runs until the bytes end or all values are there: where some are missing, fewer stand in the page than it has values. */
function checkRunsUpTo(bytes: Uint8Array, width: number, most: number): void {
  try {
    checkRuns(bytes, 0, width, most);
  } catch (error) {
    if (!(error instanceof Error) || error.message !== "a page breaks off") throw error;
  }
}

function countOf(header: ThriftStruct, facts: ChunkFacts): number {
  const values = numberField(header, 1);
  if (values < 0 || values > facts.values) throw new Error(`a page says that it has ${values.toLocaleString("en")} values, ${facts.values.toLocaleString("en")} are declared`);
  return values;
}

function structField(fields: ThriftStruct, id: number): ThriftStruct {
  const value = fields.get(id);
  if (!(value instanceof Map)) throw new Error("a page has no header of its kind");
  return value as ThriftStruct;
}

function lengthAt(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw new Error("a page breaks off");
  const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
  if (length > bytes.length - at - 4) throw new Error(`levels say that they have ${length.toLocaleString("en")} bytes`);
  return length;
}
