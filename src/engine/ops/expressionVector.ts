/**
 * Elementwise expressions on the CPU, four elements at once. In: an expression, where its inputs and outputs lie, a range of elements.
 * Out: the statements that compute and store that range. The range is cut into segments within which every input either runs along with
 * the output or stays the same number, so that indices are divided once a segment and not once an element.
 */
import { type TensorType, sizeOf } from "../graph/value";
import {
  type I32, type Local, type Statement, type V128, addInt, all, andInt, bits, divInt, equal, f32x4, forRange, i32x4, int, loadInt, loadSplat, loadVector, minInt, mulHighInt,
  mulInt, remInt, set, shiftRight, shuffleWords, storeFloat, storeVector, subInt, toFloat, when, xorInt,
} from "../wasm/code";
import { type CpuKernel, type Phase, roundUp } from "../wasm/kernel";
import { type Text, textOf, uniformOf } from "../wasm/math";
import type { Scope } from "../wasm/module";
import { PHILOX } from "../wgsl/philox";
import { VECTOR_TABLE } from "./elementwiseVector";
import { type Expression, type ExpressionStep, type Operand, type Reach, inputOf, reachesOf } from "./expression";

export interface ExpressionRange {
  /** Of the first and behind the last element: multiples of `unit`. */
  readonly from: I32 | number;
  readonly to: I32 | number;
  readonly unit: number;
}

export interface ExpressionPlaces {
  /** Address of each input's first number, as if all of it were there. */
  readonly inputs: readonly I32[];
  readonly outputs: readonly I32[];
}

/** What becomes of four elements of a result. */
export interface Sink {
  /** Vectors that one turn of the loop makes. */
  readonly turns: number;
  /** `to` is where they would be stored, `count` how many of the four are meant, `turn` which vector of the turn this is. */
  readonly take: (value: Local<"v128">, at: { readonly to: I32; readonly count: number; readonly turn: number }) => readonly Statement[];
}

const STORED: Sink = {
  turns: 1,
  take: (value, { to, count }) => (count === 4 ? [storeVector(to, value)] : Array.from({ length: count }, (_, lane) => storeFloat(to, f32x4.lane(value, lane), 4 * lane))),
};

/** Statements that make elements [from, to) of the results, which are stored where no `sink` takes them; `types` are those of the inputs. */
export function writeExpression(
  scope: Scope, expression: Expression, types: readonly TensorType[], places: ExpressionPlaces, range: ExpressionRange, sink = STORED,
): Statement {
  return textOf(scope, (text) => {
    const reaches = reachesOf(expression, types);
    const constants = loadConstants(text, expression, types, reaches, places);
    const segment = segmentOf(expression, reaches, range.unit);
    const common = { scope, expression, types, reaches, places, constants, sink };
    if (segment === undefined) {
      // One segment from 0 on: the loop counts the bytes of the range.
      text.add(writeSegment({ ...common, start: int(0), comesInFours: true }, mulInt(range.from, 4), mulInt(range.to, 4), 0));
      return;
    }
    const start = scope.local("i32");
    const rest = segment % 4;
    text.add(forRange(start, range.from, range.to, segment, writeSegment({ ...common, start, comesInFours: rest === 0 }, int(0), int(4 * (segment - rest)), rest)));
  });
}

/** Elements within which no input jumps; undefined where none ever does and the range comes in fours. */
function segmentOf(expression: Expression, reaches: readonly Reach[], unit: number): number | undefined {
  const cuts = cutsOf(expression, reaches);
  return cuts.length === 0 && unit % 4 === 0 ? undefined : cuts.reduce(greatestDivisor, unit);
}

/** Numbers of elements at whose multiples an input or an index jumps. */
function cutsOf(expression: Expression, reaches: readonly Reach[]): number[] {
  const lengths = reaches.flatMap((reach) => {
    if (reach.kind === "suffix") return [reach.period];
    if (reach.kind === "prefix") return [reach.run];
    return reach.kind === "strided" ? [expression.shape.at(-1)!] : [];
  });
  for (const { apply, axis = 0 } of expression.steps) {
    if (apply !== "iota" || expression.shape.length <= 1) continue;
    const inner = sizeOf(expression.shape.slice(axis + 1));
    lengths.push(inner > 1 ? inner : expression.shape[axis]!);
  }
  return lengths;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** What is the same for all elements, loaded before the loops, by operand; and the two words of keys by input. */
interface Constants {
  readonly numbers: ReadonlyMap<Operand, V128>;
  readonly keys: ReadonlyMap<number, readonly [I32, I32]>;
}

function loadConstants(text: Text, expression: Expression, types: readonly TensorType[], reaches: readonly Reach[], { inputs }: ExpressionPlaces): Constants {
  const numbers = new Map<Operand, V128>();
  const keys = new Map<number, readonly [I32, I32]>();
  const operands = new Set<Operand>([...expression.steps.flatMap(({ args }) => args), ...expression.results, ...(expression.stacks ?? []).flat()]);
  for (const operand of operands) {
    const read = inputOf(operand);
    if (typeof operand === "number" || !read) continue;
    const { kind } = reaches[read.input]!;
    const place = inputs[read.input]!;
    if (kind === "key") keys.set(read.input, [text.hold(loadInt(place)), text.hold(loadInt(place, 4))]);
    if (kind === "one") numbers.set(operand, text.hold(asFloat(loadSplat(place, 4 * (read.pick ?? 0)), types[read.input]!)));
  }
  return { numbers, keys };
}

const asFloat = (value: V128, { dtype }: TensorType): V128 => (dtype === "u32" ? f32x4.fromUnsigned(value) : value);

interface Segment {
  readonly scope: Scope;
  readonly expression: Expression;
  readonly types: readonly TensorType[];
  readonly reaches: readonly Reach[];
  readonly places: ExpressionPlaces;
  readonly constants: Constants;
  readonly sink: Sink;
  /** Its first element. */
  readonly start: I32;
  /** Whether each of its vectors starts at an element whose number four divides. */
  readonly comesInFours: boolean;
}

/** Bytes [from, to) of a segment in fours, and then `rest` more elements. */
function writeSegment(segment: Segment, from: I32, to: I32, rest: number): Statement {
  const { scope, start, places, expression, reaches, types, sink } = segment;
  return textOf(scope, (text) => {
    const bases = reaches.map((reach, input) => baseOf(text, reach, places.inputs[input]!, segment));
    const outputs = places.outputs.map((place) => text.hold(addInt(place, mulInt(start, 4))));
    const byte = scope.local("i32");
    const load = (input: number): V128 => {
      const { base, runs } = bases[input]!;
      return asFloat(runs ? loadVector(addInt(base, byte)) : loadSplat(base), types[input]!);
    };
    /** All are made before one is stored, since outputs may share memory with inputs. */
    const make = (store: (value: Local<"v128">, index: number) => readonly Statement[]): Statement =>
      textOf(scope, (inner) => {
        const valueOf = writeSteps(inner, segment, load, byte);
        const made = [...expression.results, ...(expression.stacks ?? []).flat()].map((result) => inner.hold(valueOf(result)));
        inner.add(...made.flatMap(store));
      });
    const takeFour = (turn: number): Statement =>
      make((value, index) => (index < expression.results.length ? sink.take(value, { to: addInt(outputs[index]!, byte), count: 4, turn }) : []));
    text.add(writeTurns(byte, from, to, sink.turns, takeFour));
    if (rest === 0) return;
    const stacked = stackedPlaces(expression, places);
    text.add(set(byte, to), make((value, index) => {
      const place = stacked[index - expression.results.length];
      return place ? [storeFloat(place, f32x4.lane(value, 0))] : sink.take(value, { to: addInt(outputs[index]!, byte), count: rest, turn: 0 });
    }));
  });
}

/** Vectors at bytes [from, to): several a turn while there are as many, then one by one. */
function writeTurns(byte: Local<"i32">, from: I32, to: I32, turns: number, vector: (turn: number) => Statement): Statement {
  if (turns === 1) return forRange(byte, from, to, 16, vector(0));
  const rest = remInt(subInt(to, from), 16 * turns);
  const next = set(byte, addInt(byte, 16));
  const several = all(...Array.from({ length: turns }, (_, turn) => (turn === 0 ? vector(0) : all(next, vector(turn)))));
  return all(forRange(byte, from, subInt(to, rest), 16, several), forRange(byte, subInt(to, rest), to, 16, vector(0)));
}

/** Of the numbers of all stacks, one after another; there are stacks only where the expression is of a single number. */
function stackedPlaces({ results, stacks = [] }: Expression, { outputs }: ExpressionPlaces): I32[] {
  return stacks.flatMap((stack, index) => stack.map((_, place) => addInt(outputs[results.length + index]!, 4 * place)));
}

/** Where an input's numbers for a segment begin, and whether they run along. */
function baseOf(text: Text, reach: Reach, place: I32, { start, expression: { shape } }: Segment): { readonly base: I32; readonly runs: boolean } {
  const from = (index: I32): I32 => text.hold(addInt(place, mulInt(index, 4)));
  switch (reach.kind) {
    case "full":
      return { base: from(start), runs: true };
    case "suffix":
      return { base: from(remInt(start, reach.period)), runs: true };
    case "prefix":
      return { base: from(divInt(start, reach.run)), runs: false };
    case "strided": {
      let inner = sizeOf(shape);
      const terms = reach.strides.flatMap((stride, axis) => {
        inner /= shape[axis]!;
        return stride === 0 ? [] : [mulInt(remInt(divInt(start, inner), shape[axis]!), stride)];
      });
      return { base: from(terms.reduce(addInt, int(0))), runs: reach.strides.at(-1) === 1 };
    }
    default:
      return { base: place, runs: false };
  }
}

function writeSteps(text: Text, segment: Segment, load: (input: number) => V128, byte: I32): (operand: Operand) => V128 {
  const { expression, constants } = segment;
  const loaded = new Map<Operand, V128>();
  const made: V128[] = [];
  const valueOf = (operand: Operand): V128 => {
    if (typeof operand === "number") return f32x4.of(operand);
    const read = inputOf(operand);
    if (!read) return made[Number(operand.slice(1))]!;
    const known = constants.numbers.get(operand) ?? loaded.get(operand);
    if (known) return known;
    const value = text.hold(load(read.input));
    loaded.set(operand, value);
    return value;
  };
  const element = (): I32 => addInt(segment.start, shiftRight(byte, 2));
  for (const step of expression.steps) made.push(text.hold(writeStep(text, step, valueOf, segment, element)));
  return valueOf;
}

function writeStep(text: Text, step: ExpressionStep, valueOf: (operand: Operand) => V128, { expression, constants, comesInFours }: Segment, element: () => I32): V128 {
  if (step.apply === "iota") return indexAlong(expression.shape, step.axis ?? 0, text.hold(element()));
  if (step.apply === "randomUniform") return uniforms(text, constants.keys.get(inputOf(step.args[0]!)!.input)!, step.site ?? 0, element(), comesInFours);
  const [a, b, c] = step.args.map(valueOf);
  const none = f32x4.of(0);
  return VECTOR_TABLE[step.apply](text, a ?? none, b ?? none, c ?? none);
}

/** The index along one axis of four neighbors, which lie in one segment. */
function indexAlong(shape: readonly number[], axis: number, element: I32): V128 {
  const inner = sizeOf(shape.slice(axis + 1));
  if (inner > 1) return f32x4.splat(toFloat(remInt(divInt(element, inner), shape[axis]!)));
  const first = shape.length === 1 ? element : remInt(element, shape[axis]!);
  return f32x4.fromInt(i32x4.add(i32x4.splat(first), i32x4.of(0, 1, 2, 3)));
}

/** Numbers of a tensor from element `first` on: four of one counter where they come in fours, of two neighbors elsewhere. */
function uniforms(text: Text, [seed, step]: readonly [I32, I32], site: number, first: I32, comesInFours: boolean): V128 {
  const counter = text.hold(shiftRight(first, 2));
  const own = philox(text, counter, seed, step, site);
  if (comesInFours) return uniformOf(own);
  const next = philox(text, text.hold(addInt(counter, 1)), seed, step, site);
  const skipped = text.hold(i32x4.splat(andInt(first, 3)));
  const shifted = [shuffleWords(own, next, 1, 2, 3, 4), shuffleWords(own, next, 2, 3, 4, 5), shuffleWords(own, next, 3, 4, 5, 6)];
  return uniformOf(shifted.reduce((value, other, index) => bits.select(other, value, i32x4.eq(skipped, ones(index + 1))), own as V128));
}

const ones = (value: number): V128 => i32x4.of(value, value, value, value);

/** Philox4x32-10 of counter (`counter`, step, site, 0) under key (seed, 0), as in wgsl/philox.ts: its four words side by side. */
function philox(text: Text, counter: I32, seed: I32, step: I32, site: number): Local<"v128"> {
  const { multipliers: [one, two], weyl, rounds } = PHILOX;
  let [c0, c1, c2, c3]: [I32, I32, I32, I32] = [counter, step, int(site), int(0)];
  for (let round = 0; round < rounds; round += 1) {
    const [key0, key1] = [addInt(seed, Math.imul(round, weyl[0])), int(Math.imul(round, weyl[1]))];
    const [low1, low3] = [text.hold(mulInt(c2, two)), text.hold(mulInt(c0, one))];
    [c0, c2] = [text.hold(xorInt(xorInt(mulHighInt(c2, two), c1), key0)), text.hold(xorInt(xorInt(mulHighInt(c0, one), c3), key1))];
    [c1, c3] = [low1, low3];
  }
  return text.hold([c1, c2, c3].reduce((words, word, index) => i32x4.withLane(words, index + 1, word), i32x4.splat(c0)));
}

/** Elements of a block: enough to be worth handing out, and what lies in the caches meanwhile. */
const BLOCK_ELEMENTS = 8192;

/** The kernel of an expression over its own shape. */
export function expressionKernel(expression: Expression, types: readonly TensorType[]): CpuKernel {
  const size = sizeOf(expression.shape);
  const rest = size % 4;
  const found = unitOf(expression, types, size);
  // What nothing cuts comes in fours, up to the end.
  const isUncut = found === undefined;
  const unit = found ?? 4;
  const inBlock = roundUp(BLOCK_ELEMENTS, unit);
  const end = isUncut ? size - rest : size;
  const blocks = Math.max(1, Math.ceil(end / inBlock));
  const write: Phase["write"] = (scope, { block, ...places }) => {
    const from = mulInt(block, inBlock);
    const most = writeExpression(scope, expression, types, places, { from, to: minInt(addInt(from, inBlock), end), unit });
    if (end === size) return most;
    return all(most, when(equal(block, blocks - 1), writeExpression(scope, expression, types, places, { from: end, to: size, unit: 1 })));
  };
  return { phases: [{ blocks, write }] };
}

/** Elements at whose multiples ranges may begin and end within `length`, which they divide; undefined where nothing cuts. */
export function unitOf(expression: Expression, types: readonly TensorType[], length: number): number | undefined {
  const cuts = cutsOf(expression, reachesOf(expression, types));
  return cuts.length === 0 ? undefined : shorten(cuts.reduce(greatestDivisor, length));
}

/** A part of a segment is a segment too: long ones would leave too few blocks. */
function shorten(segment: number): number {
  return segment > BLOCK_ELEMENTS / 4 && segment % 8 === 0 ? shorten(segment / 2) : segment;
}
