/**
 * What a checkpoint slot holds, told by its header and manifest. In: a slot. Out: a whole checkpoint as far as one can tell
 * without reading its sections, or why there is none.
 */
import type { FileReader } from "../../data/store/fileStore";
import { type CheckpointState, FORMAT_VERSION, type FileManifest, HEADER_BYTES, type Header, decodeHeader, readManifest, readState } from "../checkpoint";
import type { Slot, SlotFiles } from "./slotFiles";

export interface WholeSlot {
  readonly kind: "whole";
  readonly slot: Slot;
  readonly header: Header;
  readonly manifest: FileManifest;
  readonly file: FileReader;
}

export type ReadSlot =
  | WholeSlot
  /** No file, or an empty one. */
  | { readonly kind: "empty" }
  /** No whole header: a save was interrupted. */
  | { readonly kind: "unfinished" }
  | { readonly kind: "damaged"; readonly step: number }
  | { readonly kind: "unreadable" }
  | { readonly kind: "newer"; readonly version: number };

export async function readSlot(files: SlotFiles, runId: string, slot: Slot): Promise<ReadSlot> {
  const file = await files.open(runId, slot);
  if (!file || file.size === 0) return { kind: "empty" };
  try {
    const header = await decodeHeader(await file.read(0, HEADER_BYTES));
    if (!header) return { kind: "unfinished" };
    if (header.version > FORMAT_VERSION) return { kind: "newer", version: header.version };
    const manifest = await readManifest(file, header);
    return manifest ? { kind: "whole", slot, header, manifest, file } : { kind: "damaged", step: header.step };
  } catch (error) {
    if (isUnreadable(error)) return { kind: "unreadable" };
    throw error;
  }
}

/** The state, or undefined when a section is damaged or cannot be read. */
export async function readBody({ file, header, manifest }: WholeSlot): Promise<CheckpointState | undefined> {
  try {
    return await readState(file, header, manifest);
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

const isUnreadable = (error: unknown): boolean => error instanceof DOMException && error.name === "NotReadableError";

/** One sentence for the user when a slot is passed over. */
export function describeSlot(slot: ReadSlot): string | undefined {
  switch (slot.kind) {
    case "unfinished":
      return "A checkpoint was left unfinished when its saving was interrupted; it is passed over.";
    case "damaged":
      return `The checkpoint of step ${slot.step} is damaged (it is not what was written); it is passed over.`;
    case "unreadable":
      return "A checkpoint could not be read from the disk; it is passed over.";
    case "whole":
    case "empty":
    case "newer":
      return undefined;
  }
}
