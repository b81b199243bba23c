/**
 * The double of the checkpoint slots for tests: a disk that may lose power. In: the mutating call (counted from 1) at which
 * it fails or is cut, and what becomes of writes that were not flushed. Out: SlotFiles, and the same disk after the cut. A
 * cut call may have been done, in part or not at all; every later call fails too.
 */
import { SLOTS, type Slot, type SlotFiles, type SlotWriter } from "./slotFiles";

type Change = { readonly at: number; readonly bytes: Uint8Array } | { readonly size: number };

interface Disk {
  /** What is on the disk for certain. */
  durable: Uint8Array;
  /** Since the last flush, in order. */
  pending: Change[];
}

/**
 * "present": all unflushed writes reached the disk; "absent": none did; "torn": of each sector of each write chance decides;
 * "kill": the process dies and the system does not, so that all is visible and still not flushed.
 */
export type Aftermath = "present" | "absent" | "torn" | "kill";

export interface MemorySlotFiles extends SlotFiles {
  /** Mutating calls so far: edit, write, resize, flush, removeRun. */
  calls(): number;
  /** The k-th mutating call from now on throws; the disk works on. */
  failAt(call: number, error: () => Error): void;
  /** The power goes in the k-th mutating call from now on. */
  cutAt(call: number): void;
  /** The disk as it is found after the cut. `random` gives numbers in [0, 1). */
  restart(aftermath: Aftermath, random: () => number): MemorySlotFiles;
  /** Bytes of a slot as a reader sees them; changes them in place when edited. */
  bytesOf(runId: string, slot: Slot): Uint8Array;
}

const SECTOR = 512;

function apply(bytes: Uint8Array, change: Change): Uint8Array {
  const size = "size" in change ? change.size : Math.max(bytes.length, change.at + change.bytes.length);
  const next = new Uint8Array(size);
  next.set(bytes.subarray(0, size));
  if ("bytes" in change) next.set(change.bytes, change.at);
  return next;
}

const visible = ({ durable, pending }: Disk): Uint8Array => pending.reduce(apply, durable);

/** A write as its parts in each sector of the file. */
function sectorsOf(change: Change): Change[] {
  if ("size" in change) return [change];
  const parts: Change[] = [];
  for (let at = change.at; at < change.at + change.bytes.length; ) {
    const end = Math.min((Math.floor(at / SECTOR) + 1) * SECTOR, change.at + change.bytes.length);
    parts.push({ at, bytes: change.bytes.subarray(at - change.at, end - change.at) });
    at = end;
  }
  return parts;
}

function survive(disk: Disk, aftermath: Aftermath, random: () => number): Disk {
  if (aftermath === "kill") return { durable: disk.durable, pending: [...disk.pending] };
  if (aftermath === "absent") return { durable: disk.durable, pending: [] };
  // Few sectors lost as often as many.
  const share = random();
  const changes = aftermath === "present" ? disk.pending : disk.pending.flatMap(sectorsOf).filter(() => random() < share);
  return { durable: changes.reduce(apply, disk.durable), pending: [] };
}

export function createMemorySlots(runs = new Map<string, Map<Slot, Disk>>()): MemorySlotFiles {
  const open = new Set<Disk>();
  let calls = 0;
  let fault: { readonly call: number; readonly error: () => Error } | undefined;
  let cut = Infinity;

  /** `effect` is what the call does; a cut call does it and yet is never answered. */
  const count = (effect: () => void): void => {
    calls += 1;
    if (calls > cut) throw new Error("There is no power.");
    if (fault && calls === fault.call) throw fault.error();
    effect();
    if (calls === cut) throw new Error("The power went.");
  };

  const makeWriter = (disk: Disk): SlotWriter => ({
    write: (at, bytes) => count(() => disk.pending.push({ at, bytes: bytes.slice() })),
    resize: (size) => count(() => disk.pending.push({ size })),
    flush() {
      // Cut in a flush, chance decides how much of it was done.
      if (calls + 1 !== cut) count(() => ([disk.durable, disk.pending] = [visible(disk), []]));
      else count(() => undefined);
    },
    close: () => void open.delete(disk),
  });

  const find = (runId: string, slot: Slot): Disk | undefined => runs.get(runId)?.get(slot);

  return {
    calls: () => calls,
    failAt: (call, error) => (fault = { call: calls + call, error }),
    cutAt: (call) => (cut = calls + call),
    restart(aftermath, random) {
      const after = [...runs].map(([runId, slots]) => [runId, new Map([...slots].map(([slot, disk]) => [slot, survive(disk, aftermath, random)]))] as const);
      return createMemorySlots(new Map(after));
    },
    bytesOf(runId, slot) {
      const disk = find(runId, slot)!;
      [disk.durable, disk.pending] = [visible(disk), []];
      return disk.durable;
    },
    async edit(runId, slot) {
      const slots = runs.get(runId) ?? new Map<Slot, Disk>();
      const disk = slots.get(slot) ?? { durable: new Uint8Array(), pending: [] };
      if (open.has(disk)) throw new DOMException(`${runId}/${slot} is open`, "NoModificationAllowedError");
      count(() => runs.set(runId, slots.set(slot, disk)));
      open.add(disk);
      return makeWriter(disk);
    },
    async open(runId, slot) {
      const disk = find(runId, slot);
      if (!disk) return undefined;
      const bytes = visible(disk);
      return { size: bytes.length, read: async (start, length) => bytes.slice(start, start + length) };
    },
    listRuns: async () => [...runs.keys()],
    async removeRun(runId) {
      // Not one act on a real disk: the slots go one by one, the folder last.
      for (const slot of SLOTS) count(() => runs.get(runId)?.delete(slot));
      count(() => runs.delete(runId));
    },
  };
}
