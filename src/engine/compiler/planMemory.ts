/**
 * Pass: a place for every value. In: the schedule and the places that are given (leaves and outputs in arenas). Out: a
 * range of bytes for each value and each scratch area. Activations share whole buffers ("slots") by lifetime: largest first,
 * each into the first slot that is free while it lives, or a new one. Values at home in another one's bytes (homes.ts) are found there.
 */
import { ALIGNMENT, type Node, type Storage, type TensorType, type Value, sizeOf } from "../graph/value";
import type { Homes } from "./homes";
import { type BufferRange, slotName } from "./program";

export { ALIGNMENT };
export const alignUp = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
/** Bytes of a value as bound: a multiple of 16, so that it can be seen as vec4s. */
export const bytesOf = ({ shape, packed }: Pick<TensorType, "shape" | "packed">): number => Math.ceil((sizeOf(shape) * (packed ? 2 : 4)) / 16) * 16;

export interface MemoryPlan {
  readonly places: ReadonlyMap<Value, BufferRange>;
  /** By node and scratch name. */
  readonly scratch: ReadonlyMap<Node, Readonly<Record<string, BufferRange>>>;
  readonly slots: readonly number[];
}

interface Interval {
  readonly bytes: number;
  readonly from: number;
  until: number;
}

export function planMemory(
  schedule: readonly Node[],
  given: ReadonlyMap<Value, Storage>,
  homes: Homes,
  scratchOf: (node: Node) => Readonly<Record<string, number>>,
): MemoryPlan {
  const places = new Map<Value, BufferRange>();
  for (const [value, { arena, offset }] of given) {
    const home = homes.get(value)!;
    places.set(home.owner, { buffer: arena, offset: offset - home.offset, bytes: bytesOf(home.owner) });
  }
  const intervals = new Map<Value, Interval>();
  schedule.forEach((node, index) => {
    for (const input of node.inputs) {
      const interval = intervals.get(homes.get(input)!.owner);
      if (interval) interval.until = index;
    }
    for (const output of node.outputs) {
      const { owner } = homes.get(output)!;
      // A whole that is assembled exists from its first part on.
      if (!places.has(owner) && !intervals.has(owner)) intervals.set(owner, { bytes: bytesOf(owner), from: index, until: index });
    }
  });
  const scratchIntervals = schedule.flatMap((node, index) =>
    Object.entries(scratchOf(node)).map(([name, words]) => ({ node, name, interval: { bytes: Math.ceil((words * 4) / 16) * 16, from: index, until: index } })),
  );
  const { slots, slotOf } = packIntervals([...intervals.values(), ...scratchIntervals.map((one) => one.interval)]);
  const rangeOf = (interval: Interval): BufferRange => ({ buffer: slotName(slotOf.get(interval)!), offset: 0, bytes: interval.bytes });
  for (const [value, interval] of intervals) places.set(value, rangeOf(interval));
  for (const [value, { owner, offset }] of homes) {
    if (value === owner) continue;
    const whole = places.get(owner)!;
    places.set(value, { buffer: whole.buffer, offset: whole.offset + offset, bytes: bytesOf(value) });
  }

  const scratch = new Map<Node, Record<string, BufferRange>>();
  for (const { node, name, interval } of scratchIntervals) scratch.set(node, { ...scratch.get(node), [name]: rangeOf(interval) });
  return { places, scratch, slots };
}

function packIntervals(intervals: readonly Interval[]): { slots: number[]; slotOf: Map<Interval, number> } {
  const tenants: Interval[][] = [];
  const slotOf = new Map<Interval, number>();
  const bySize = [...intervals].sort((a, b) => b.bytes - a.bytes || a.from - b.from);
  for (const interval of bySize) {
    const overlaps = (other: Interval): boolean => interval.from <= other.until && other.from <= interval.until;
    let slot = tenants.findIndex((others) => !others.some(overlaps));
    if (slot < 0) slot = tenants.push([]) - 1;
    tenants[slot]!.push(interval);
    slotOf.set(interval, slot);
  }
  return { slots: tenants.map((others) => alignUp(Math.max(...others.map((other) => other.bytes)))), slotOf };
}
