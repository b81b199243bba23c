/**
 * The double of the private file system for tests: files in a Map, and a fault on demand. In: which mutating call shall fail
 * (counted from 1) and how. Out: a FileStore, the files it holds, and how many mutating calls were made.
 */
import type { FileReader, FileStore, FileWriter, SyncFileReader } from "./fileStore";

export interface MemoryStore extends FileStore {
  readonly files: Map<string, Uint8Array>;
  /** Mutating calls so far: create, write, restart, flush, move, remove. */
  calls(): number;
  /** The k-th mutating call from now on throws. */
  failAt(call: number, error?: () => Error): void;
  /** The k-th mutating call from now on and all after it throw, as if the tab had been killed. */
  failFrom(call: number): void;
  /** Bytes that still fit, for `hasRoomFor`. */
  room: number;
  /** Counts a mutating call of something else that lies on this disk; throws when it is its turn. */
  count(): void;
}

const quotaExceeded = (): Error => new DOMException("The quota has been exceeded.", "QuotaExceededError");

export function createMemoryStore(): MemoryStore {
  const files = new Map<string, Uint8Array>();
  const open = new Set<string>();
  /** How many read a file without awaiting; it cannot go meanwhile. */
  const readers = new Map<string, number>();
  let calls = 0;
  let fault: { call: number; error: () => Error } | undefined;
  let end = Infinity;
  let queue: Promise<unknown> = Promise.resolve();

  const count = (): void => {
    calls++;
    if (fault && calls === fault.call) throw fault.error();
    if (calls >= end) throw new Error("The tab was killed.");
  };

  const makeWriter = (path: string): FileWriter => {
    let parts: Uint8Array[] = [];
    return {
      write(bytes) {
        count();
        parts.push(bytes.slice());
      },
      restart() {
        count();
        parts = [];
      },
      flush: count,
      close() {
        if (open.delete(path)) files.set(path, concatenate(parts));
      },
    };
  };

  const assertClosed = (path: string): void => {
    if (open.has(path) || (readers.get(path) ?? 0) > 0) throw new DOMException(`${path} is open`, "NoModificationAllowedError");
  };

  return {
    files,
    room: Infinity,
    count,
    calls: () => calls,
    failAt(call, error = quotaExceeded) {
      fault = { call: calls + call, error };
    },
    failFrom(call) {
      end = calls + call;
      // What a killed tab had open is closed.
      if (call === Infinity) open.clear();
    },
    async create(path) {
      count();
      assertClosed(path);
      open.add(path);
      files.set(path, new Uint8Array());
      return makeWriter(path);
    },
    async open(path): Promise<FileReader | undefined> {
      const bytes = files.get(path);
      return bytes && { size: bytes.length, read: async (start, length) => bytes.slice(start, start + length) };
    },
    async openFile(path) {
      const bytes = files.get(path);
      return bytes && new File([bytes.slice()], path.split("/").at(-1)!);
    },
    async openSync(path): Promise<SyncFileReader | undefined> {
      const bytes = files.get(path);
      if (!bytes) return undefined;
      readers.set(path, (readers.get(path) ?? 0) + 1);
      return {
        size: bytes.length,
        read(start, out) {
          const part = bytes.subarray(start, start + out.length);
          out.set(part);
          return part.length;
        },
        close: () => void readers.set(path, readers.get(path)! - 1),
      };
    },
    async move(from, to) {
      count();
      assertClosed(from);
      const bytes = files.get(from);
      if (!bytes) throw new DOMException(`${from} is not there`, "NotFoundError");
      files.delete(from);
      files.set(to, bytes);
    },
    async remove(path) {
      count();
      assertClosed(path);
      files.delete(path);
    },
    async list(folder) {
      return [...files.keys()].filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1));
    },
    async hasRoomFor(bytes) {
      return bytes <= this.room;
    },
    exclusively(task) {
      const result = queue.then(task);
      queue = result.catch(() => undefined);
      return result;
    },
  };
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
