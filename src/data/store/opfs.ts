/**
 * The origin's private file system as a FileStore; works in a dedicated worker only, because only there a file has a
 * SyncAccessHandle, whose flush() is the one write that is on the disk when it returns. Reading goes through `getFile()`,
 * which takes no lock, so a handle that a crashed tab left locked never blocks a reader.
 * Source: https://fs.spec.whatwg.org/
 */
import { FailureError } from "../../settings/failure";
import { type FileReader, type FileStore, type FileWriter, type SyncFileReader, UNFINISHED } from "./fileStore";

/** Members newer than TypeScript's library: `mode` (Chromium 121) and `move` (all engines, not yet in the standard text). */
interface NewerFileHandle {
  createSyncAccessHandle(options?: { mode: "read-only" | "readwrite" }): Promise<FileSystemSyncAccessHandle>;
  move?(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}

const COPY_BYTES = 4 * 2 ** 20;

const newer = (handle: FileSystemFileHandle): FileSystemFileHandle & NewerFileHandle => handle;

function isMissing(error: unknown): boolean {
  return error instanceof DOMException && error.name === "NotFoundError";
}

/** A reload can leave the previous worker's lock standing for some tens of milliseconds. */
export async function openHandle(file: FileSystemFileHandle, mode: "read-only" | "readwrite"): Promise<FileSystemSyncAccessHandle> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await newer(file).createSyncAccessHandle({ mode });
    } catch (error) {
      const locked = error instanceof DOMException && error.name === "NoModificationAllowedError";
      if (!locked || attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function writeAll(handle: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number): void {
  let done = 0;
  while (done < bytes.length) {
    const written = handle.write(bytes.subarray(done) as Uint8Array<ArrayBuffer>, { at: at + done });
    // A full disk may answer 0 where the standard asks for an exception.
    if (written === 0) throw new DOMException("No byte could be written.", "QuotaExceededError");
    done += written;
  }
}

function makeWriter(handle: FileSystemSyncAccessHandle): FileWriter {
  let position = 0;
  return {
    write(bytes) {
      writeAll(handle, bytes, position);
      position += bytes.length;
    },
    restart() {
      handle.truncate(0);
      position = 0;
    },
    flush: () => handle.flush(),
    close: () => handle.close(),
  };
}

export function openOpfs(rootFolder = "descent"): FileStore {
  const openRoot = async (): Promise<FileSystemDirectoryHandle> => {
    if (typeof navigator === "undefined" || !navigator.storage?.getDirectory) {
      throw new FailureError({
        kind: "storage",
        message: "This browser gives the page no private file storage, so datasets cannot be kept.",
        hint: "Open Descent over https or on localhost, in a current Chrome, Edge, Firefox or Safari, outside private browsing.",
      });
    }
    return (await navigator.storage.getDirectory()).getDirectoryHandle(rootFolder, { create: true });
  };

  const folderOf = async (path: string, create: "create" | "find"): Promise<[FileSystemDirectoryHandle, string]> => {
    const names = path.split("/");
    const name = names.pop()!;
    let folder = await openRoot();
    for (const part of names) folder = await folder.getDirectoryHandle(part, { create: create === "create" });
    return [folder, name];
  };

  const find = async (path: string): Promise<FileSystemFileHandle | undefined> => {
    try {
      const [folder, name] = await folderOf(path, "find");
      return await folder.getFileHandle(name);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

  const create = async (path: string): Promise<FileWriter> => {
    const [folder, name] = await folderOf(path, "create");
    const writer = makeWriter(await openHandle(await folder.getFileHandle(name, { create: true }), "readwrite"));
    try {
      writer.restart();
    } catch (error) {
      writer.close();
      throw error;
    }
    return writer;
  };

  const open = async (path: string): Promise<FileReader | undefined> => {
    const file = await (await find(path))?.getFile();
    if (!file) return undefined;
    return { size: file.size, read: async (start, count) => new Uint8Array(await file.slice(start, start + count).arrayBuffer()) };
  };

  const openFile = async (path: string): Promise<File | undefined> => (await find(path))?.getFile();

  const openSync = async (path: string): Promise<SyncFileReader | undefined> => {
    const file = await find(path);
    if (!file) return undefined;
    const handle = await openHandle(file, "read-only");
    return {
      size: handle.getSize(),
      read: (start, out) => handle.read(out as Uint8Array<ArrayBuffer>, { at: start }),
      close: () => handle.close(),
    };
  };

  const remove = async (path: string): Promise<void> => {
    try {
      const [folder, name] = await folderOf(path, "find");
      await folder.removeEntry(name);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  };

  const move = async (from: string, to: string): Promise<void> => {
    const file = await find(from);
    if (!file) throw new DOMException(`${from} is not there.`, "NotFoundError");
    const [folder, name] = await folderOf(to, "create");
    const movable = newer(file);
    if (movable.move) await movable.move(folder, name);
    else await copyThenRemove(from, to);
  };

  const copyThenRemove = async (from: string, to: string): Promise<void> => {
    const reader = (await open(from))!;
    const writer = await create(to);
    try {
      for (let at = 0; at < reader.size; at += COPY_BYTES) writer.write(await reader.read(at, COPY_BYTES));
      writer.flush();
      writer.close();
    } catch (error) {
      writer.close();
      await remove(to).catch(() => undefined);
      throw error;
    }
    await remove(from);
  };

  const list = async (path: string): Promise<string[]> => {
    const names: string[] = [];
    try {
      const [folder] = await folderOf(`${path}/`, "find");
      for await (const [name, entry] of folder.entries()) if (entry.kind === "file") names.push(name);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    return names;
  };

  /** Growing a file asks the quota without writing anything. */
  const hasRoomFor = async (bytes: number): Promise<boolean> => {
    const path = `${UNFINISHED}/room-${Math.random().toString(36).slice(2)}`;
    const [folder, name] = await folderOf(path, "create");
    const handle = await openHandle(await folder.getFileHandle(name, { create: true }), "readwrite");
    try {
      handle.truncate(bytes);
      return true;
    } catch {
      return false;
    } finally {
      handle.close();
      await remove(path);
    }
  };

  const exclusively = <T>(task: () => Promise<T>): Promise<T> => navigator.locks.request(`${rootFolder}-data`, task) as Promise<T>;

  return { create, open, openFile, openSync, move, remove, list, hasRoomFor, exclusively };
}
