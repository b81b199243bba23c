/**
 * How the train worker reads tokens: without awaiting, at any place. In: a shard of the store. Out: a TokenSource that holds
 * the shard in memory up to 128 MB and reads windows of the file above that.
 */
import type { FileStore, SyncFileReader } from "./store/fileStore";
import { openOpfs } from "./store/opfs";
import { damagedShard } from "./store/shards";
import { namingStorageFailures } from "./store/failures";
import { type BytesPerToken, type TokenArray, viewTokens } from "./tokenWidth";

export interface TokenSource {
  /** Tokens. */
  readonly length: number;
  /** Copies tokens [start, start + count) to out[outOffset …]; throws a RangeError outside the source. */
  read(start: number, out: Uint32Array, outOffset: number, count: number): void;
  close(): void;
}

export interface OpenOptions {
  readonly store?: FileStore;
  /** Larger shards are read window by window. */
  readonly memoryBytes?: number;
  /** SHA-256 that a shard held in memory must have; a larger one is only held to its size. */
  readonly hash?: string;
}

const MEMORY_BYTES = 128 * 2 ** 20;

/** `path`, `bytesPerToken` and `tokens` are those of PreparedData. */
export function openTokenSource(path: string, bytesPerToken: BytesPerToken, tokens: number, options: OpenOptions = {}): Promise<TokenSource> {
  const { store = openOpfs(), memoryBytes = MEMORY_BYTES, hash } = options;
  const bytes = tokens * bytesPerToken;
  return namingStorageFailures("Opening the prepared tokens", path, async () => {
    const file = await store.openSync(path);
    if (file?.size !== bytes) {
      file?.close();
      throw damagedShard(path);
    }
    if (bytes > memoryBytes) return windowTokenSource(file, bytesPerToken);
    // The file stays open although all of it is in memory: it must not be tidied away before a checkpoint names it.
    try {
      return { ...arrayTokenSource(viewTokens(await readWhole(file, path, hash), bytesPerToken)), close: () => file.close() };
    } catch (error) {
      file.close();
      throw error;
    }
  });
}

async function readWhole(file: SyncFileReader, path: string, hash: string | undefined): Promise<Uint8Array> {
  const content = new Uint8Array(file.size);
  const isWhole = file.read(0, content) === content.length;
  if (!isWhole || (hash !== undefined && (await sha256(content)) !== hash)) throw damagedShard(path);
  return content;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function memoryTokenSource(tokens: Uint32Array): TokenSource {
  return arrayTokenSource(tokens);
}

function assertInside(length: number, start: number, count: number): void {
  if (start < 0 || count < 0 || start + count > length) {
    throw new RangeError(`Tokens ${start} to ${start + count} are outside the ${length} there are.`);
  }
}

function arrayTokenSource(tokens: TokenArray): TokenSource {
  return {
    length: tokens.length,
    read(start, out, outOffset, count) {
      assertInside(tokens.length, start, count);
      out.set(tokens.subarray(start, start + count), outOffset);
    },
    close() {},
  };
}

function windowTokenSource(file: SyncFileReader, width: BytesPerToken): TokenSource {
  const length = file.size / width;
  let scratch = new Uint8Array();
  return {
    length,
    read(start, out, outOffset, count) {
      assertInside(length, start, count);
      if (scratch.length < count * width) scratch = new Uint8Array(count * width);
      const bytes = scratch.subarray(0, count * width);
      if (file.read(start * width, bytes) !== bytes.length) throw new RangeError("The token file ended early.");
      out.set(viewTokens(bytes, width), outOffset);
    },
    close: () => file.close(),
  };
}
