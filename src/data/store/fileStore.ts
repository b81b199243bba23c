/**
 * A small file system: what the data floor needs of the origin's private file system, narrow enough to be doubled in memory
 * and to have a fault injected at every call. Paths are "folder/name". Files are written once under a temporary name,
 * flushed, and moved into place, so a name in a lasting folder always means a whole file.
 */

export interface FileStore {
  /** An empty file to fill; an old one of that name is emptied. */
  create(path: string): Promise<FileWriter>;
  /** Undefined when there is no such file. Safe while others read; reading a file being written is not. */
  open(path: string): Promise<FileReader | undefined>;
  /** The file itself, for the page to hand out; the browser streams it to the disk when it is saved. */
  openFile(path: string): Promise<File | undefined>;
  /** For the train worker: reads without awaiting, and keeps the file from being removed until closed. */
  openSync(path: string): Promise<SyncFileReader | undefined>;
  /** Replaces `to`. */
  move(from: string, to: string): Promise<void>;
  /** Nothing happens when there is no such file. */
  remove(path: string): Promise<void>;
  /** Names of the files in a folder; empty when there is no such folder. */
  list(folder: string): Promise<string[]>;
  /** Whether a file of that size can be made now; what the browser estimates of its quota is not to be trusted. */
  hasRoomFor(bytes: number): Promise<boolean>;
  /** Runs `task` while no other tab or worker runs one: every change of the manifest goes through here. */
  exclusively<T>(task: () => Promise<T>): Promise<T>;
}

export interface FileWriter {
  write(bytes: Uint8Array): void;
  /** Forgets everything written so far. */
  restart(): void;
  /** Returns when the bytes are on the disk. */
  flush(): void;
  close(): void;
}

export interface FileReader {
  readonly size: number;
  /** Up to `count` bytes from `start`; fewer only at the end. */
  read(start: number, count: number): Promise<Uint8Array>;
}

export interface SyncFileReader {
  readonly size: number;
  /** Fills `out` from `start` and returns how many bytes there were. */
  read(start: number, out: Uint8Array): number;
  close(): void;
}

/** Where unfinished files live; whatever is found here at a start was interrupted. */
export const UNFINISHED = "unfinished";

let counter = 0;

/**
 * Fills a new file, then lets `place` move it to where it belongs; on any failure nothing of it stays. `place` runs
 * exclusively, and the file stays open (so that no other tab's tidying removes it) until then.
 */
export async function writeWhole<T, R>(
  store: FileStore,
  write: (writer: FileWriter) => Promise<T>,
  place: (unfinished: string, result: T) => Promise<R>,
): Promise<R> {
  // Unique within the origin, so that two tabs never share an unfinished file.
  const unfinished = `${UNFINISHED}/${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}-${counter++}`;
  let writer: FileWriter | undefined;
  try {
    const opened = (writer = await store.create(unfinished));
    const result = await write(opened);
    opened.flush();
    return await store.exclusively(() => {
      opened.close();
      return place(unfinished, result);
    });
  } catch (error) {
    writer?.close();
    await store.remove(unfinished).catch(() => undefined);
    throw error;
  }
}

/** A whole small file as bytes, or undefined. */
export async function readWhole(store: FileStore, path: string): Promise<Uint8Array | undefined> {
  const file = await store.open(path);
  return file?.read(0, file.size);
}
