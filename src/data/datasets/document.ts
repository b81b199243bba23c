/**
 * A plain text on its way into the store. In: a source of bytes. Out: its paragraphs as stored rows of one column, which joined with
 * nothing between them give the text back, and what the reading decided.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type TextReport, type TextSource, readPlainText } from "../formats/plainText";
import type { ReadOptions } from "../formats/readBytes";
import type { Blobs } from "../store/blobs";
import { type StoredRows, writeChunks } from "../table/chunkWriter";
import { createParagraphCutter } from "../table/paragraphs";
import type { Column } from "../types/table";

/** The columns of a document. */
export const DOCUMENT_COLUMNS: readonly Column[] = [{ name: "text", kind: "text", type: "text", role: "text" }];
export const DOCUMENT_JOINER = "";

export interface StoredDocument {
  readonly rows: StoredRows;
  readonly report: TextReport;
  /** Of the text as UTF-8, after line ends were changed. */
  readonly sha256: string;
}

export async function storeDocument(blobs: Blobs, source: TextSource, { signal, onProgress }: ReadOptions = {}): Promise<StoredDocument> {
  const writer = writeChunks(blobs);
  const stop = new AbortController();
  const encoder = new TextEncoder();
  let cutter = createParagraphCutter();
  let hasher = sha256.create();
  let written: Promise<void> = Promise.resolve();
  /** The reader does not wait for its sink, so writing stands in line, and the source waits for the line. */
  const inLine = (task: () => Promise<void> | void): void => {
    written = written.then(task);
    written.catch(() => stop.abort());
  };
  const store = (paragraphs: readonly string[]): void => inLine(() => writer.rows([paragraphs], paragraphs.length));
  const sink = {
    write(text: string) {
      hasher.update(encoder.encode(text));
      store(cutter.push(text));
    },
    restart() {
      hasher = sha256.create();
      cutter = createParagraphCutter();
      inLine(begin);
    },
  };
  const begin = (): void => {
    writer.restart();
    writer.columns(DOCUMENT_COLUMNS);
  };
  begin();
  try {
    const signals = AbortSignal.any(signal ? [signal, stop.signal] : [stop.signal]);
    const options = { signal: signals, ...(onProgress ? { onProgress } : {}) };
    const report = await readPlainText(waitingFor(source, () => written), sink, options).catch(async (error: unknown) => {
      // Where writing failed, that is why reading stopped.
      await written;
      throw error;
    });
    store(cutter.finish());
    await written;
    return { rows: await writer.finish(), report, sha256: bytesToHex(hasher.digest()) };
  } catch (error) {
    writer.discard();
    throw error;
  }
}

/** The source, whose next piece comes when what the last one gave is written. */
function waitingFor({ name, size, encoding, stream }: TextSource, written: () => Promise<void>): TextSource {
  const held = (): ReadableStream<Uint8Array> =>
    stream().pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        async transform(piece, controller) {
          await written().catch(() => undefined);
          controller.enqueue(piece);
        },
      }),
    );
  return { name, size, stream: held, ...(encoding ? { encoding } : {}) };
}
