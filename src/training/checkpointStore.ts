/**
 * Keeps the checkpoints of runs so that a cut at any moment loses at most the save under way. In: the state of a run. Out: the
 * state of its newest whole checkpoint. Each run has two slots; a save goes into the one that does not hold the newest whole
 * checkpoint: header zeroed, payload, flush, header, flush, and only then it counts. A slot without a whole header, or with
 * one wrong bit, is not believed. The five newest runs are kept.
 */
import { namingStorageFailures } from "../data/store/failures";
import { FailureError } from "../settings/failure";
import { type CheckpointManifest, type CheckpointState, type EncodedCheckpoint, FORMAT_VERSION, HEADER_BYTES, encodeCheckpoint, requireFinite } from "./checkpoint";
import { openOpfsSlots } from "./slots/opfs";
import { type ReadSlot, type WholeSlot, describeSlot, readBody, readSlot } from "./slots/readSlot";
import { SLOTS, type Slot, type SlotFiles, type SlotWriter } from "./slots/slotFiles";

export const KEPT_RUNS = 5;

export interface StoredRun {
  readonly manifest: CheckpointManifest;
  /** Of its newest checkpoint. */
  readonly bytes: number;
}

export interface CheckpointStore {
  /**
   * Resolves when the checkpoint is on the disk; until then the state must not change. Weights with NaN or infinity are
   * refused; a failed save leaves the one before it whole.
   */
  save(state: CheckpointState): Promise<void>;
  /** The newest whole checkpoint, if any, and one sentence about each slot that was passed over. */
  load(runId: string): Promise<{ readonly state: CheckpointState | undefined; readonly notes: readonly string[] }>;
  /** The runs that have a checkpoint, last saved first; only manifests are read. */
  listRuns(): Promise<StoredRun[]>;
  remove(runId: string): Promise<void>;
}

/** The newest whole checkpoint of a run, as this session knows it. */
interface Newest {
  readonly slot: Slot;
  readonly generation: number;
  /** Flushed by this session: an earlier one may have ended before its flush, with the bytes visible but not on the disk. */
  readonly isFlushed: boolean;
}

export function openCheckpoints(files: SlotFiles = openOpfsSlots()): CheckpointStore {
  const newestOf = new Map<string, Newest>();
  let last: Promise<unknown> = Promise.resolve();

  /** One task at a time: a load never sees a save half done. */
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };

  const load = async (runId: string): Promise<{ state: CheckpointState | undefined; notes: string[] }> => {
    const slots = await readSlots(files, runId);
    const notes = slots.flatMap((slot) => describeSlot(slot) ?? []);
    for (const slot of byAge(slots)) {
      const state = await readBody(slot);
      if (state) {
        newestOf.set(runId, { slot: slot.slot, generation: slot.header.generation, isFlushed: false });
        return { state, notes };
      }
      notes.push(describeSlot({ kind: "damaged", step: slot.header.step })!);
    }
    newestOf.delete(runId);
    return { state: undefined, notes };
  };

  /** Where the next save goes, and its generation; the newest whole checkpoint is on the disk when this is done. */
  const choosePlace = async (runId: string): Promise<{ slot: Slot; generation: number }> => {
    const slots = await readSlots(files, runId);
    const generations = slots.map((slot) => (slot.kind === "whole" ? slot.header.generation : 0));
    const highest = Math.max(...generations);
    const known = newestOf.get(runId);
    // Only what this session saved or read to its last bit is taken as whole.
    if (highest > 0 && (known?.generation !== highest || generations[SLOTS.indexOf(known.slot)] !== highest)) await load(runId);
    const newest = newestOf.get(runId);
    if (newest && !newest.isFlushed) {
      flushSlot(await files.edit(runId, newest.slot));
      newestOf.set(runId, { ...newest, isFlushed: true });
    }
    return { slot: newest?.slot === "A" ? "B" : "A", generation: highest + 1 };
  };

  const save = async (state: CheckpointState): Promise<void> => {
    const { runId } = state.manifest;
    const isNew = !newestOf.has(runId);
    const { slot, generation } = await choosePlace(runId);
    const encoded = await encodeCheckpoint(state, generation);
    fillSlot(await files.edit(runId, slot), encoded);
    newestOf.set(runId, { slot, generation, isFlushed: true });
    // The save counts already: a run that cannot be removed now is removed another time.
    if (isNew) await dropOldRuns(files, runId).catch(() => undefined);
  };

  return {
    save: (state) => {
      assertRunId(state.manifest.runId);
      const { name, step } = state.manifest;
      return inTurn(() => {
        requireFinite(state);
        return namingStorageFailures(`Saving ${name} at step ${step}`, name, () => save(state));
      });
    },
    load: (runId) => {
      assertRunId(runId);
      return inTurn(() => namingStorageFailures("Loading the run", runId, () => load(runId)));
    },
    listRuns: () =>
      inTurn(() =>
        namingStorageFailures("Listing the saved runs", "runs", async () => (await readRuns(files)).runs.map(({ manifest, bytes }) => ({ manifest, bytes }))),
      ),
    remove: (runId) => {
      assertRunId(runId);
      return inTurn(() =>
        namingStorageFailures("Removing the run", runId, async () => {
          newestOf.delete(runId);
          await files.removeRun(runId);
        }),
      );
    },
  };
}

function assertRunId(runId: string): void {
  if (!/^[\w-]{1,64}$/.test(runId)) throw new RangeError(`"${runId}" cannot be the id of a run: it names a folder.`);
}

/** Both slots; a run that a newer Descent has saved is left alone. */
async function readSlots(files: SlotFiles, runId: string): Promise<ReadSlot[]> {
  const slots = await Promise.all(SLOTS.map((slot) => readSlot(files, runId, slot)));
  const newer = slots.find((slot) => slot.kind === "newer");
  if (!newer) return slots;
  throw new FailureError({
    kind: "storage",
    message: `The saved run was made by a newer Descent (its checkpoint has format ${newer.version}, this one reads up to ${FORMAT_VERSION}); it was left as it is.`,
    hint: "Reload the page to get the newest Descent, and open the run there.",
    where: runId,
  });
}

/** The slots that seem whole, newest first. */
function byAge(slots: readonly ReadSlot[]): WholeSlot[] {
  return slots.filter((slot) => slot.kind === "whole").sort((a, b) => b.header.generation - a.header.generation);
}

/** Without an await: nothing of this worker comes between the steps. */
function fillSlot(writer: SlotWriter, { header, payload, bytes }: EncodedCheckpoint): void {
  try {
    // Asks for the room before anything of the slot is touched.
    writer.resize(bytes);
    try {
      writer.write(0, new Uint8Array(HEADER_BYTES));
      let at = HEADER_BYTES;
      for (const part of payload) {
        writer.write(at, part);
        at += part.length;
      }
      writer.flush();
      writer.write(0, header);
      writer.flush();
    } catch (error) {
      giveBack(writer);
      throw error;
    }
  } finally {
    writer.close();
  }
}

/** A slot that was not filled gives its room back, as far as the disk still obeys. */
function giveBack(writer: SlotWriter): void {
  try {
    writer.resize(0);
    writer.flush();
  } catch {
    // What stays has no whole header, and is written over by the next save.
  }
}

function flushSlot(writer: SlotWriter): void {
  try {
    writer.flush();
  } finally {
    writer.close();
  }
}

interface Runs {
  /** Last saved first. */
  readonly runs: readonly (StoredRun & { readonly runId: string })[];
  /** Folders without a checkpoint that could be read; nothing can be had from them any more. */
  readonly broken: readonly string[];
}

async function readRuns(files: SlotFiles): Promise<Runs> {
  const runs: (StoredRun & { runId: string })[] = [];
  const broken: string[] = [];
  for (const runId of await files.listRuns()) {
    const slots = await Promise.all(SLOTS.map((slot) => readSlot(files, runId, slot)));
    const newest = byAge(slots)[0];
    if (slots.some((slot) => slot.kind === "newer")) continue;
    if (newest) runs.push({ runId, manifest: newest.manifest.run, bytes: HEADER_BYTES + newest.header.payloadBytes });
    else if (slots.every((slot) => slot.kind !== "unreadable")) broken.push(runId);
  }
  runs.sort((a, b) => b.manifest.savedAt - a.manifest.savedAt);
  return { runs, broken };
}

/** Keeps `runId`, whatever the clock says, and the newest others. */
async function dropOldRuns(files: SlotFiles, runId: string): Promise<void> {
  const { runs, broken } = await readRuns(files);
  const others = runs.filter((run) => run.runId !== runId).slice(KEPT_RUNS - 1);
  for (const id of [...broken, ...others.map((run) => run.runId)]) await files.removeRun(id);
}
