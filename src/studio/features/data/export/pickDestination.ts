/**
 * Where an exported file goes. In: a name to suggest. Out: the place picked in the browser's own dialog, into which the file is
 * streamed; where a browser has no such dialog, its ordinary download.
 */
import { download } from "../../../charts/download";
import type { PickDestination } from "../../../state/exporting";

interface Picker {
  showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<FileSystemFileHandle>;
}

export const pickDestination: PickDestination = async (suggestedName) => {
  const { showSaveFilePicker } = globalThis as Picker;
  if (!showSaveFilePicker) return { write: (file) => Promise.resolve(download(file, suggestedName)) };
  try {
    const handle = await showSaveFilePicker.call(globalThis, { suggestedName });
    return { write: async (file) => file.stream().pipeTo(await handle.createWritable()) };
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") return null;
    // Forbidden here (an embedded page): the ordinary download is not.
    return { write: (file) => Promise.resolve(download(file, suggestedName)) };
  }
};
