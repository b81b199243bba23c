/**
 * A text on its way into the store and out of it. In: a source, streamed through the plain-text format. Out: one UTF-8 file
 * named after its own SHA-256, so the same text is stored once and a damaged one is noticed; later its text in chunks.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type TextReport, type TextSource, readPlainText } from "../formats/plainText";
import { type ReadOptions, createPacer } from "../formats/readBytes";
import { type FileReader, type FileStore, type FileWriter, writeWhole } from "./fileStore";

const CHUNK_BYTES = 2 ** 20;

export interface StoredText {
  readonly report: TextReport;
  readonly hash: string;
  /** UTF-8, after line ends were changed. */
  readonly bytes: number;
}

/** Streams `source` into an unfinished file; `place` (run exclusively) decides where it goes. */
export function storeText<R>(
  store: FileStore,
  source: TextSource,
  options: ReadOptions,
  place: (unfinished: string, text: StoredText) => Promise<R>,
): Promise<R> {
  return writeWhole(store, (writer) => writeText(writer, source, options), place);
}

async function writeText(writer: FileWriter, source: TextSource, options: ReadOptions): Promise<StoredText> {
  const encoder = new TextEncoder();
  let hasher = sha256.create();
  let bytes = 0;
  const report = await readPlainText(
    source,
    {
      write(text) {
        const encoded = encoder.encode(text);
        hasher.update(encoded);
        writer.write(encoded);
        bytes += encoded.length;
      },
      restart() {
        writer.restart();
        hasher = sha256.create();
        bytes = 0;
      },
    },
    options,
  );
  return { report, hash: bytesToHex(hasher.digest()), bytes };
}

/** Chunks never split a character. A byte-order mark in a stored text is part of the text. */
export async function* readStoredText(file: FileReader): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const pace = createPacer();
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    yield decoder.decode(await file.read(at, CHUNK_BYTES), { stream: true });
    await pace();
  }
  yield decoder.decode();
}

/** The first `characters` code points. */
export async function readOpening(file: FileReader, characters: number): Promise<string> {
  const bytes = await file.read(0, 4 * characters);
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true });
  return Array.from(text).slice(0, characters).join("");
}
