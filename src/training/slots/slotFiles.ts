/**
 * The files under a run's checkpoints: two slots that are rewritten in place in turn, so that a save needs no new room and
 * never touches the newest whole one. Narrow enough to be doubled in memory with a cut or a fault at every call.
 */
import type { FileReader } from "../../data/store/fileStore";

export const SLOTS = ["A", "B"] as const;
export type Slot = (typeof SLOTS)[number];

export interface SlotFiles {
  /** For writing in place; an absent slot is made. No second writer can open it until it is closed. */
  edit(runId: string, slot: Slot): Promise<SlotWriter>;
  /** Undefined when there is no such slot. */
  open(runId: string, slot: Slot): Promise<FileReader | undefined>;
  /** Ids of the runs that have a folder. */
  listRuns(): Promise<string[]>;
  /** With all its slots; nothing happens when there is no such run. */
  removeRun(runId: string): Promise<void>;
}

export interface SlotWriter {
  write(at: number, bytes: Uint8Array): void;
  /** Cuts or extends the file. */
  resize(bytes: number): void;
  /** Returns when all that was written and resized is on the disk. */
  flush(): void;
  close(): void;
}
