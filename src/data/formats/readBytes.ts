/**
 * Reads a file as a stream of small pieces. In: anything with a name, a size and a stream (a File, a Blob, a download, a file in an
 * archive). Out: pieces of at most 1 MB, with progress, cancel, a breath for the event loop, and a failure when the bytes that came
 * are not the bytes that were promised; or any range of it. Never `file.text()`: over 2^29 − 24 bytes it answers the empty string
 * without an error.
 */
import { FailureError } from "../../settings/failure";
import { restAfter } from "../courtesy";

export interface ByteSource {
  readonly name: string;
  /** Bytes; checked against what the stream delivers, unless it is an estimate. */
  readonly size: number;
  /** True where only unpacking tells the size (gzip); the stream then checks itself. */
  readonly sizeIsEstimate?: boolean;
  stream(): ReadableStream<Uint8Array>;
  /** Bytes [start, end), where the source can be read anywhere: a File can, a file inside an archive mostly cannot. */
  readRange?(start: number, end: number): Promise<Uint8Array>;
}

/** A source that formats with an index (Parquet, zip) can read. */
export type RangedSource = ByteSource & Required<Pick<ByteSource, "readRange">>;

export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytesRead: number) => void;
}

const PIECE_BYTES = 2 ** 20;
/** Milliseconds of work after which waiting messages (a cancel, a question) get their turn. */
const TURN_MS = 30;
const PROGRESS_MS = 80;

/** Awaiting the result lets other messages in, at most once per turn, and a training to the processor. */
export function createPacer(): () => Promise<void> | undefined {
  const began = performance.now();
  let last = began;
  return () => {
    const now = performance.now();
    if (now - last < TURN_MS) return undefined;
    return new Promise<void>((resolve) => setTimeout(resolve, restAfter(began, last, now))).then(() => {
      last = performance.now();
    });
  };
}

export function canceled(name: string): FailureError {
  return new FailureError({ kind: "canceled", message: `The import of ${name} was canceled. Nothing was kept.`, hint: "Import it again whenever you like.", where: name });
}

function changedOnDisk(name: string, detail: string, cause?: unknown): FailureError {
  return new FailureError(
    {
      kind: "bad-file",
      message: `${name} could not be read to its end: ${detail}. Nothing was imported.`,
      hint: "It was changed, moved or removed meanwhile, or is a folder. Choose the file again.",
      where: name,
    },
    cause,
  );
}

export async function* readBytes(source: ByteSource, options: ReadOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
  const { signal, onProgress } = options;
  const reader = openReader(source);
  const stop = (): void => void reader.cancel().catch(() => undefined);
  signal?.addEventListener("abort", stop, { once: true });
  const pace = createPacer();
  let bytesRead = 0;
  let reported = -Infinity;
  try {
    for (;;) {
      if (signal?.aborted) throw canceled(source.name);
      const { done, value } = await reader.read().catch((error: unknown) => {
        // What an archive has to say about itself stands.
        if (error instanceof FailureError) throw error;
        throw changedOnDisk(source.name, `reading stopped after ${bytesRead.toLocaleString("en")} of ${source.size.toLocaleString("en")} bytes`, error);
      });
      if (signal?.aborted) throw canceled(source.name);
      if (done) break;
      for (let at = 0; at < value.length; at += PIECE_BYTES) {
        yield value.subarray(at, at + PIECE_BYTES);
        await pace();
        if (signal?.aborted) throw canceled(source.name);
      }
      bytesRead += value.length;
      if (performance.now() - reported > PROGRESS_MS) {
        reported = performance.now();
        onProgress?.(bytesRead);
      }
    }
    if (bytesRead !== source.size && source.sizeIsEstimate !== true) {
      throw changedOnDisk(source.name, `${bytesRead.toLocaleString("en")} bytes came, ${source.size.toLocaleString("en")} were expected`);
    }
    onProgress?.(bytesRead);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

function openReader(source: ByteSource): ReadableStreamDefaultReader<Uint8Array> {
  try {
    return source.stream().getReader();
  } catch (error) {
    throw changedOnDisk(source.name, "it cannot be opened", error);
  }
}

/** A File or Blob, or bytes in memory, as a source; `name` may be a path within the folder that was chosen. */
export function blobSource(blob: Blob, name: string): RangedSource {
  return {
    name, size: blob.size,
    stream: () => blob.stream(),
    async readRange(start, end) {
      try {
        return new Uint8Array(await blob.slice(start, end).arrayBuffer());
      } catch (error) {
        throw changedOnDisk(name, `bytes ${start.toLocaleString("en")} to ${end.toLocaleString("en")} cannot be read`, error);
      }
    },
  };
}

/** A stream of what a generator yields, made as it is read; canceling it ends the generator. */
export function streamOf(pieces: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return();
    },
  }, { highWaterMark: 0 });
}

/** The source itself where any range of it can be read; else all of it in memory, or undefined where it has more than `limit` bytes. */
export async function withRanges(source: ByteSource, limit: number, options: ReadOptions = {}): Promise<RangedSource | undefined> {
  const { readRange } = source;
  if (readRange) return { name: source.name, size: source.size, stream: () => source.stream(), readRange: (start, end) => readRange.call(source, start, end) };
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const piece of readBytes(source, options)) {
    bytes += piece.length;
    if (bytes > limit) return undefined;
    pieces.push(piece.slice());
  }
  return blobSource(new Blob(pieces), source.name);
}

/** The first `count` bytes, or fewer if the file is shorter. */
export async function readHead(source: ByteSource, count: number, signal?: AbortSignal): Promise<Uint8Array> {
  const head = new Uint8Array(source.sizeIsEstimate ? count : Math.min(count, source.size));
  let filled = 0;
  if (head.length === 0) return head;
  for await (const piece of readBytes(source, signal ? { signal } : {})) {
    const part = piece.subarray(0, head.length - filled);
    head.set(part, filled);
    filled += part.length;
    if (filled === head.length) break;
  }
  return head.subarray(0, filled);
}
