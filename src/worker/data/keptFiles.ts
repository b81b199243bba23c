/**
 * Files made for the user to save. In: whoever writes one. Out: the file, lying in the private file system, so that the browser streams it
 * to the disk. The last few are kept; older ones, and those of earlier sessions, are removed.
 */
import type { ByteSink } from "../../data/formats/format";
import type { FileStore } from "../../data/store/fileStore";
import type { ExportedFile } from "../protocol";

const FOLDER = "exports";
const KEPT = 4;

export async function keepFile(files: FileStore, write: (sink: ByteSink) => Promise<{ readonly name: string; readonly notes: readonly string[] }>): Promise<ExportedFile> {
  await removeOld(files);
  const path = `${FOLDER}/${String(Date.now()).padStart(15, "0")}-${Math.random().toString(36).slice(2, 8)}`;
  const writer = await files.create(path);
  try {
    const { name, notes } = await write({ write: (bytes) => writer.write(bytes) });
    writer.flush();
    writer.close();
    const file = await files.openFile(path);
    return { name, notes, file: file! };
  } catch (error) {
    writer.close();
    await files.remove(path).catch(() => undefined);
    throw error;
  }
}

async function removeOld(files: FileStore): Promise<void> {
  const names = (await files.list(FOLDER)).sort();
  for (const name of names.slice(0, Math.max(0, names.length - KEPT + 1))) await files.remove(`${FOLDER}/${name}`).catch(() => undefined);
}
