/**
 * Reads a file as a stream of small pieces. In: anything with a name, a size and a stream (a File, a Blob, a download). Out:
 * pieces of at most 1 MB, with progress, cancel, a breath for the event loop, and a failure when the bytes that came are not
 * the bytes that were promised. Never `file.text()`: over 2^29 − 24 bytes it answers the empty string without an error.
 */
import { FailureError } from "../../settings/failure";

export interface ByteSource {
  readonly name: string;
  /** Bytes; checked against what the stream delivers. */
  readonly size: number;
  stream(): ReadableStream<Uint8Array>;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (bytesRead: number) => void;
}

const PIECE_BYTES = 2 ** 20;
/** Milliseconds of work after which waiting messages (a cancel, a question) get their turn. */
const TURN_MS = 30;
const PROGRESS_MS = 80;

/** Awaiting the result lets other messages in, at most once per turn. */
export function createPacer(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < TURN_MS) return undefined;
    return new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => {
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
    if (bytesRead !== source.size) {
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

/** The first `count` bytes, or fewer if the file is shorter. */
export async function readHead(source: ByteSource, count: number, signal?: AbortSignal): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(count, source.size));
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
