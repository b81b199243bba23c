/**
 * From a graph to a program. In: named outputs, some with a place in an arena; what the target allows. Out: a `Program`. The
 * passes, in order: simplify → fold → fuse → pack what is saved → place outputs → lower → plan memory → program.
 */
import { isLeaf, leafName, leafStorage } from "../graph/leaf";
import type { Target } from "../graph/op";
import { type Node, type Storage, type Value, apply, sizeOf, sortNodes, typeOf } from "../graph/value";
import { fusedElementwise } from "../ops/elementwise";
import { flopsOf } from "./flops";
import { foldColumnSums } from "./foldColumnSums";
import { foldPrologues } from "./foldPrologues";
import { fuseElementwise } from "./fuseElementwise";
import { lowerNode, lowerSchedule } from "./lower";
import { findHomes } from "./homes";
import { alignUp, bytesOf, planMemory } from "./planMemory";
import { packSaved, wholeOf } from "./packSaved";
import type { BufferRange, Operand, Program } from "./program";
import { simplify } from "./simplify";

export interface Output {
  readonly name: string;
  readonly value: Value;
  /** Where the result has to be; it gets an arena of its own if nothing is said. */
  readonly storage?: Storage;
}

/** A target that every WebGPU device meets; device.ts makes the real one from the adapter. */
export const BASE_TARGET: Target = {
  storageBuffers: 8, bindingBytes: 2 ** 27, workgroupBytes: 16_384, workgroupInvocations: 256, subgroupSize: 0, f16: false, choices: {},
};

/** `packBefore`: what is made before this value and read behind it is stored as bf16; see packSaved.ts. */
export function compile(name: string, outputs: readonly Output[], target: Target = BASE_TARGET, { packBefore }: { readonly packBefore?: Value } = {}): Program {
  const simple = simplify(outputs.map((output) => output.value));
  const tensors = fuseElementwise(foldColumnSums(simple), target.storageBuffers, "tensors");
  const fused = fuseElementwise(foldPrologues(tensors, target.storageBuffers), target.storageBuffers, "scalars");
  const stored = packBefore ? packSaved(fused, { lastOrder: wholeOf(packBefore).node.order, storageBuffers: target.storageBuffers }) : fused;
  const { roots, given } = placeOutputs(outputs, stored);
  const unordered = sortNodes(roots);
  placeLeaves(unordered, given);
  const schedule = sortNodes(roots, readersOfOverwritten(unordered, given));

  const homes = findHomes(schedule, given.keys());
  const shareBytes = (input: Value, output: Value): boolean => {
    const [a, b] = [given.get(input), given.get(output)];
    return homes.get(input)!.owner === homes.get(output)!.owner || (a !== undefined && a.arena === b?.arena && a.offset === b.offset);
  };
  const read = new Set([...roots, ...schedule.flatMap((node) => node.inputs)]);
  const lowerings = new Map(schedule.map((node) => [node, lowerNode(node, target, shareBytes, (value) => read.has(value))] as const));
  const plan = planMemory(schedule, given, homes, (node) => lowerings.get(node)!.scratch ?? {});
  const { steps, kernels } = lowerSchedule(schedule.filter((node) => node.op.name !== "leaf"), lowerings, plan, target);

  const operand = (value: Value): Operand => ({ ...typeOf(value), ...plan.places.get(value)! });
  const leaves = schedule.flatMap((node) => node.outputs.filter(isLeaf));
  return {
    name,
    kernels,
    steps,
    slots: plan.slots,
    arenas: measureArenas([...plan.places.values()]),
    leaves: Object.fromEntries(leaves.map((value) => [leafName(value), operand(value)])),
    outputs: Object.fromEntries(outputs.map((output, index) => [output.name, operand(roots[index]!)])),
    flops: schedule.reduce((sum, { op, inputs, attributes }) => sum + flopsOf(op.name, inputs, attributes), 0),
  };
}

/**
 * Gives each output its place. Bytes that are wanted in two places, that are a leaf's or packed, are copied: a value and its views
 * live in one place only. Where two of the places lie in one arena all are copies, because no kernel reads the buffer it writes.
 */
function placeOutputs(outputs: readonly Output[], values: readonly Value[]): { roots: Value[]; given: Map<Value, Storage> } {
  const given = new Map<Value, Storage>();
  const storages = outputs.map((output) => output.storage ?? { arena: `output.${output.name}`, offset: 0 });
  const owners = values.map(withoutViews);
  const first = owners.map((owner) => owners.indexOf(owner));
  const crowded = new Set(owners.filter((_, index) => storages.some(({ arena }, at) => at !== index && first[at] === first[index] && arena === storages[index]!.arena)));
  const roots = values.map((value, index) => {
    const owner = owners[index]!;
    const updatesLeaf = value.node.op.updates?.[value.index] !== undefined;
    const isPart = sizeOf(owner.shape) !== sizeOf(value.shape);
    const placed = first[index] !== index || isLeaf(owner) || isPart || value.packed === true || crowded.has(owner) ? copyOf(value) : value;
    if (placed !== value || !updatesLeaf) given.set(placed, storages[index]!);
    return placed;
  });
  return { roots, given };
}

const withoutViews = (value: Value): Value => (value.node.op.view ? withoutViews(value.node.inputs[0]!) : value);

function copyOf(value: Value): Value {
  if (value.dtype !== "f32") throw new Error("Only f32 values can be copied to an output.");
  return apply(fusedElementwise, [value], { expression: { shape: value.shape, steps: [], results: ["x0"] } })[0]!;
}

/** For each node that writes over a leaf: the others that read the leaf, and have to do so before. */
function readersOfOverwritten(nodes: readonly Node[], given: ReadonlyMap<Value, Storage>): Map<Node, Node[]> {
  const keyOf = ({ arena, offset }: Storage): string => `${arena}+${offset}`;
  const readers = new Map<string, Node[]>();
  for (const node of nodes) {
    if (node.op.view) continue;
    for (const leaf of new Set(node.inputs.map(withoutViews).filter(isLeaf))) {
      const key = keyOf(given.get(leaf)!);
      readers.set(key, [...(readers.get(key) ?? []), node]);
    }
  }
  const first = new Map<Node, Node[]>();
  const note = (writer: Node, storage: Storage | undefined): void => {
    const others = storage ? (readers.get(keyOf(storage)) ?? []).filter((node) => node !== writer) : [];
    if (others.length > 0) first.set(writer, [...(first.get(writer) ?? []), ...others]);
  };
  for (const [value, storage] of given) if (!isLeaf(value)) note(withoutViews(value).node, storage);
  for (const node of nodes) for (const input of Object.values(node.op.updates ?? {})) note(node, given.get(withoutViews(node.inputs[input]!)));
  return first;
}

/** Leaves without a place of their own go to the arena "feed", one after another in the order of the schedule. */
function placeLeaves(schedule: readonly Node[], given: Map<Value, Storage>): void {
  let free = 0;
  for (const value of schedule.flatMap((node) => node.outputs.filter(isLeaf))) {
    const own = leafStorage(value);
    given.set(value, own ?? { arena: "feed", offset: free });
    if (!own) free += alignUp(bytesOf(value));
  }
}

function measureArenas(ranges: readonly BufferRange[]): Record<string, number> {
  const arenas: Record<string, number> = {};
  for (const { buffer, offset, bytes } of ranges) {
    if (!buffer.startsWith("slot")) arenas[buffer] = Math.max(arenas[buffer] ?? 0, alignUp(offset + bytes));
  }
  return arenas;
}
