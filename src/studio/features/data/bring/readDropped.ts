/**
 * What was dropped, folders and all. In: a drop's data. Out: every file with its path within what was dropped. The entries must
 * be taken while the event lasts; a browser then hands a folder out a hundred names at a time.
 */
import type { FileSource } from "../../../state/bringing";

export async function readDropped(transfer: DataTransfer): Promise<FileSource[]> {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const found = await Promise.all(entries.map((entry) => (entry instanceof File ? Promise.resolve([fileSource(entry)]) : entry ? readEntry(entry) : Promise.resolve([]))));
  return found.flat();
}

/** Files of a chosen folder know their path themselves. */
export function fileSource(file: File): FileSource {
  return file.webkitRelativePath === "" ? { kind: "file", file } : { kind: "file", file, path: file.webkitRelativePath };
}

async function readEntry(entry: FileSystemEntry): Promise<FileSource[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    const path = entry.fullPath.replace(/^\//, "");
    return [path.includes("/") ? { kind: "file", file, path } : { kind: "file", file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSource[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return found;
    for (const inner of part) found.push(...(await readEntry(inner)));
  }
}
