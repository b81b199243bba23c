/**
 * Whose bytes each value lives in. In: the schedule and the values whose place is given. Out: for each value the owner of its
 * bytes and where in them it starts. Reshapes, row views and updates in place live in their input; parts that are joined live
 * in the whole, as far as no kernel then reads one part of it while it writes another (WebGPU knows only whole buffers).
 */
import { isLeaf } from "../graph/leaf";
import { ALIGNMENT, type Node, type Value } from "../graph/value";

export interface Home {
  readonly owner: Value;
  /** Bytes from the owner's start. */
  readonly offset: number;
}

export type Homes = ReadonlyMap<Value, Home>;

export function findHomes(schedule: readonly Node[], given: Iterable<Value>): Homes {
  const homes = new Map<Value, Home>();
  for (const node of schedule) {
    node.outputs.forEach((output, index) => {
      const source = node.op.view ? 0 : node.op.updates?.[index];
      if (source === undefined) return void homes.set(output, { owner: output, offset: 0 });
      const input = homes.get(node.inputs[source]!)!;
      homes.set(output, { owner: input.owner, offset: input.offset + (node.op.view?.(node.inputs[0]!, node.attributes) ?? 0) });
    });
  }
  const fixed = new Set([...given].map((value) => homes.get(value)?.owner));
  for (const node of schedule) if (node.op.assembles) moveIn(node, node.op.assembles(node.inputs), homes, fixed);
  return homes;
}

/** Gives the parts of a joined value their homes in it: all of them, or none where that cannot be. */
function moveIn(node: Node, offsets: readonly number[], homes: Map<Value, Home>, fixed: ReadonlySet<Value | undefined>): void {
  const whole = node.outputs[0]!;
  const parts = new Map(node.inputs.map((part, index) => [part, offsets[index]!]));
  const isFree = (part: Value): boolean => homes.get(part)!.owner === part && !isLeaf(part) && !fixed.has(part);
  const readsWhole = (part: Value): boolean => part.node.inputs.some((input) => parts.has(homes.get(input)!.owner));
  if (parts.size < node.inputs.length || fixed.has(whole) || offsets.some((offset) => offset % ALIGNMENT !== 0)) return;
  if (![...parts.keys()].every((part) => isFree(part) && !readsWhole(part))) return;
  for (const [value, { owner, offset }] of homes) {
    const start = parts.get(owner);
    if (start !== undefined) homes.set(value, { owner: whole, offset: start + offset });
  }
}
