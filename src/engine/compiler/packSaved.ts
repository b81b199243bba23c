/**
 * Pass: what the forward pass leaves for the backward pass is stored as bf16. In: values after fusing, and up to which node the forward pass
 * goes. Out: equal values, save for the rounding. A saved value that the forward pass itself does not add to others (an input of a
 * product, of attention) is packed by the kernel that makes it, and everybody reads that. One that it adds, as a residual is,
 * keeps its bits there; the backward pass gets a packed twin, one more result of the kernel that makes it, or a copy where that kernel
 * takes no epilogue. Statistics (an op's `exact` outputs), small values, and what is an output or a part of another value stay f32.
 */
import { isLeaf } from "../graph/leaf";
import { isExact, ownInputs } from "../graph/op";
import { type Attributes, type Node, type Value, apply, sizeOf, sortNodes } from "../graph/value";
import { fusedElementwise } from "../ops/elementwise";
import type { Expression } from "../ops/expression";
import { pack } from "../ops/pack";

/** Below this many numbers a value takes a buffer's least size anyway. */
const FEWEST_NUMBERS = 256;

export interface SavedOptions {
  /** Nodes up to this order are the forward pass. */
  readonly lastOrder: number;
  readonly storageBuffers: number;
}

/** "packed": stored so, for all readers. "twin": stored as f32, and packed for the backward pass. */
type Storing = "packed" | "twin";

export function packSaved(roots: readonly Value[], options: SavedOptions): Value[] {
  const nodes = sortNodes(roots);
  const storing = chooseStoring(nodes, roots, options.lastOrder);
  if (storing.size === 0) return [...roots];
  const rebuilt = new Rebuilt(storing, options);
  for (const node of nodes) rebuilt.add(node);
  return roots.map((root) => rebuilt.read(root, "forward"));
}

/** A view of all of its input, from its start. */
const isWholeView = ({ op, inputs, outputs, attributes }: Node): boolean =>
  op.view !== undefined && op.view(inputs[0]!, attributes) === 0 && sizeOf(inputs[0]!.shape) === sizeOf(outputs[0]!.shape);

/** The value whose bytes a value has, all of them. */
export const wholeOf = (value: Value): Value => (isWholeView(value.node) ? wholeOf(value.node.inputs[0]!) : value);

interface Reader {
  readonly node: Node;
  readonly input: number;
}

function chooseStoring(nodes: readonly Node[], roots: readonly Value[], lastOrder: number): Map<Value, Storing> {
  const readers = new Map<Value, Reader[]>();
  const fixed = new Set(roots.map(wholeOf));
  for (const node of nodes.filter((one) => !isWholeView(one))) {
    const sharesBytes = node.op.view !== undefined || node.op.assembles !== undefined || node.op.updates !== undefined;
    node.inputs.forEach((value, input) => {
      const whole = wholeOf(value);
      if (sharesBytes) fixed.add(whole);
      readers.set(whole, [...(readers.get(whole) ?? []), { node, input }]);
    });
    if (sharesBytes) node.outputs.forEach((output) => fixed.add(output));
  }
  const storing = new Map<Value, Storing>();
  for (const [value, all] of readers) {
    const isSaved = value.node.order < lastOrder && all.some(({ node }) => node.order > lastOrder);
    const mayRound = value.dtype === "f32" && sizeOf(value.shape) >= FEWEST_NUMBERS && !isLeaf(value) && !fixed.has(value) && !isExact(value.node, value.index);
    if (!isSaved || !mayRound) continue;
    storing.set(value, all.some((reader) => reader.node.order <= lastOrder && adds(reader)) ? "twin" : "packed");
  }
  return storing;
}

/** Whether a node reads a value as part of an elementwise chain, which is where values are added to each other. */
const adds = ({ node: { op, attributes }, input }: Reader): boolean =>
  op === fusedElementwise || attributes["prologue"] !== undefined || (attributes["epilogue"] !== undefined && input >= ownInputs(op, attributes));

class Rebuilt {
  readonly #exact = new Map<Value, Value>();
  readonly #twins = new Map<Value, Value>();
  readonly #storing: ReadonlyMap<Value, Storing>;
  readonly #options: SavedOptions;

  constructor(storing: ReadonlyMap<Value, Storing>, options: SavedOptions) {
    this.#storing = storing;
    this.#options = options;
  }

  /** What a value of the old graph is in the new one: as the forward pass reads it, or as the backward pass does. */
  read(value: Value, by: "forward" | "backward"): Value {
    const known = by === "backward" && this.#storing.get(wholeOf(value)) === "twin" ? this.#twins : this.#exact;
    const found = known.get(value);
    if (found) return found;
    const { op, inputs, attributes, order } = value.node;
    const view = apply(op, [this.read(inputs[0]!, by)], attributes, order)[0]!;
    known.set(value, view);
    return view;
  }

  add(node: Node): void {
    if (isWholeView(node)) return;
    const inputs = node.inputs.map((input) => this.read(input, node.order > this.#options.lastOrder ? "backward" : "forward"));
    const twins = node.outputs.filter((output) => this.#storing.get(output) === "twin");
    const room = roomForTwins(node, twins, this.#options.storageBuffers);
    // Twins stand behind the results that are there; an output beside the epilogue's comes later by as many.
    const placeOf = ({ index }: Value): number => (room && index >= room.end ? index + twins.length : index);
    const packed = [...node.outputs.filter((output) => this.#storing.get(output) === "packed").map(placeOf), ...(room ? twins.map((_, at) => room.end + at) : [])];
    const isSame = packed.length === 0 && inputs.every((input, index) => input === node.inputs[index]);
    const outputs = isSame ? node.outputs : apply(node.op, inputs, { ...node.attributes, ...room?.attributes, ...(packed.length > 0 ? { packed } : {}) }, node.order);
    for (const old of node.outputs) this.#exact.set(old, outputs[placeOf(old)]!);
    twins.forEach((old, at) => this.#twins.set(old, room ? outputs[room.end + at]! : pack(outputs[old.index]!, node.order)));
  }
}

interface Room {
  /** The number of the node's first output behind its expression's results. */
  readonly end: number;
  /** Those of a node that gives the twins as further results. */
  readonly attributes: Attributes;
}

/** Where a node's expression can give its twins as further results: all of them are among its results, and its kernel may bind that many buffers. */
function roomForTwins(node: Node, twins: readonly Value[], storageBuffers: number): Room | undefined {
  const { op, inputs, outputs, attributes } = node;
  const isElementwise = op === fusedElementwise;
  const slot = isElementwise ? { output: 0, buffers: 0 } : op.epilogue;
  if (!slot || twins.length === 0) return undefined;
  const name = isElementwise ? "expression" : "epilogue";
  const expression = (attributes[name] as Expression | undefined) ?? { shape: outputs[slot.output]!.shape, steps: [], results: ["x0"] };
  const end = slot.output + expression.results.length;
  const bound = slot.buffers + inputs.length - (isElementwise ? 0 : ownInputs(op, attributes)) + expression.results.length + twins.length;
  const isResult = ({ index }: Value): boolean => index >= slot.output && index < end;
  if (expression.stacks || bound > storageBuffers || !twins.every(isResult)) return undefined;
  const results = [...expression.results, ...twins.map(({ index }) => expression.results[index - slot.output]!)];
  return { end, attributes: { [name]: { ...expression, results } as unknown as Attributes } };
}
