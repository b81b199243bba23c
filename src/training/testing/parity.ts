/**
 * Our training beside PyTorch's. In: a fixture that scripts/fixtures/parity.py recorded, and something that evaluates graphs
 * (the references, the CPU runtime, a GPU). Out: how far logits, gradients, losses, norms and final weights lie apart, and
 * one sentence for each that lies too far. The batches, the clipping and the optimizer run through the graphs a real run uses.
 */
import { differentiate } from "../../engine/graph/differentiate";
import { leaf } from "../../engine/graph/leaf";
import type { NumericArray } from "../../engine/graph/op";
import { type Value, f32, sizeOf } from "../../engine/graph/value";
import { scalar } from "../../engine/ops/elementwise";
import { constantLeaves } from "../layers/positions";
import { type Decoder, makeDecoder } from "../models/decoder";
import { causalLm } from "../objectives/causalLm";
import { type BatchExtent, allocateBatch } from "../objectives/objective";
import { adamw } from "../optimizers/adamw";
import { applyUpdate } from "../optimizers/applyUpdate";
import { type ParameterSpec, readParameter } from "../parameters";
import { constant } from "../schedules/constant";
import type { ParityFixture } from "./parityFixture";

export type GraphData = Readonly<Record<string, ArrayLike<number>>>;

/** Evaluates values; `outputs` is the same array each time, so that a compiled program can be kept for it. */
export type Execute = (outputs: readonly Value[], data: GraphData) => Promise<readonly NumericArray[]> | readonly NumericArray[];

export interface ParityReport {
  /** Cosine of the angle between ours and theirs, by name: "logits" and each parameter's gradient. */
  readonly cosines: Readonly<Record<string, number>>;
  /** Largest relative distance over the updates. */
  readonly losses: number;
  /** The same against the losses of the f64 training. */
  readonly losses64: number;
  readonly gradientNorms: number;
  /** ‖ours − theirs‖ / ‖theirs − start‖ after the last update, by parameter. */
  readonly finals: Readonly<Record<string, number>>;
}

export async function measureParity(fixture: ParityFixture, execute: Execute): Promise<ParityReport> {
  const model = makeDecoder(fixture.config);
  const step = buildBackward(model, fixture.extent);
  const weights = Object.fromEntries(model.parameters.map((spec) => [spec.name, readFrom(fixture, "weights", spec)]));

  const { logits, gradients } = await runBackward(step, execute, weights, fixture, 0);
  const cosines: Record<string, number> = { logits: cosine(logits, fixture.numbers("logits")) };
  for (const spec of model.parameters) cosines[spec.name] = cosine(gradients[spec.name]!, readFrom(fixture, "gradients", spec));

  const trained = await train(fixture, model, step, execute, weights);
  const finals = model.parameters.map((spec): [string, number] => {
    const [ours, theirs, start] = [trained.weights[spec.name]!, readFrom(fixture, "final", spec), weights[spec.name]!];
    const rows = comparableRows(spec, fixture);
    return [spec.name, distance(rows(ours), rows(theirs)) / distance(rows(start), rows(theirs))];
  });
  return {
    cosines,
    losses: largestRelative(trained.losses, fixture.numbers("losses")),
    losses64: largestRelative(trained.losses, fixture.numbers("losses64")),
    gradientNorms: largestRelative(trained.norms, fixture.numbers("gradientNorms")),
    finals: Object.fromEntries(finals),
  };
}

/** What the issue asks for: cosines ≥ 0.999999, losses within 1e-5; norms and final weights as near as f32 keeps them. */
export function parityProblems(report: ParityReport, limits = { cosine: 0.999999, loss: 1e-5, norm: 1e-5, final: 1e-4 }): string[] {
  const far = (what: string, distance: number, limit: number): string[] => (distance <= limit ? [] : [`${what}: ${distance} is above ${limit}.`]);
  return [
    ...Object.entries(report.cosines).flatMap(([name, value]) => (value >= limits.cosine ? [] : [`${name}: cosine ${value} is below ${limits.cosine}.`])),
    ...far("losses", report.losses, limits.loss),
    ...far("losses against f64", report.losses64, limits.loss),
    ...far("gradient norms", report.gradientNorms, limits.norm),
    ...Object.entries(report.finals).flatMap(([name, value]) => far(`final ${name}`, value, limits.final)),
  ];
}

interface Backward {
  readonly model: Decoder;
  readonly extent: BatchExtent;
  /** logits, loss, then the gradient of each parameter. */
  readonly outputs: readonly Value[];
}

function buildBackward(model: Decoder, extent: BatchExtent): Backward {
  const parameters = Object.fromEntries(model.parameters.map(({ name, shape }) => [name, leaf(name, f32(...shape))]));
  const inputs = Object.fromEntries(Object.entries(causalLm.inputTypes(extent)).map(([name, type]) => [name, leaf(name, type)]));
  const call = { model, parameters, constants: constantLeaves(model.constants), inputs, extent };
  const hidden = causalLm.hidden(call);
  const logits = call.model.head(hidden, call.parameters);
  const loss = causalLm.loss(hidden, call);
  return { model, extent, outputs: [logits, loss, ...differentiate(loss, Object.values(parameters))] };
}

type Arrays = Record<string, ArrayLike<number>>;

async function runBackward(
  { model, extent, outputs }: Backward, execute: Execute, weights: Arrays, fixture: ParityFixture, index: number,
): Promise<{ logits: NumericArray; loss: number; gradients: Record<string, NumericArray> }> {
  const batch = allocateBatch(causalLm, extent);
  const windows = Array.from({ length: extent.batch }, (_, row) => row * (extent.time + 1));
  causalLm.collate(fixture.windows(index), windows, extent, batch);
  const tables = Object.fromEntries(model.constants.map(({ name, data }) => [name, data]));
  const [logits, loss, ...gradients] = await execute(outputs, { ...weights, ...tables, ...batch });
  return { logits: logits!, loss: loss![0]!, gradients: Object.fromEntries(model.parameters.map(({ name }, at) => [name, gradients[at]!])) };
}

async function train(
  fixture: ParityFixture, model: Decoder, step: Backward, execute: Execute, start: Arrays,
): Promise<{ losses: number[]; norms: number[]; weights: Arrays }> {
  const update = buildUpdate(fixture, model);
  const { accumulation } = fixture.training;
  const [losses, norms]: [number[], number[]] = [[], []];
  let weights = start;
  let moments: Arrays = Object.fromEntries(update.groups.flatMap(({ name, size }) => adamw.state.map((moment) => [`${name}.${moment}`, new Float64Array(size)])));
  for (let first = 0; first < fixture.batches; first += accumulation) {
    let loss = 0;
    const sums: Record<string, Float64Array> = {};
    for (let index = first; index < first + accumulation; index += 1) {
      const result = await runBackward(step, execute, weights, fixture, index);
      loss += result.loss / accumulation;
      for (const [name, gradient] of Object.entries(result.gradients)) sums[name] = Float64Array.from(gradient, (value, i) => value + (sums[name]?.[i] ?? 0));
    }
    losses.push(loss);
    const data = update.groups.flatMap(({ name, specs }) => [[`${name}.parameter`, flatten(specs, weights)], [`${name}.gradient`, flatten(specs, sums)]] as const);
    const [norm, ...next] = await execute(update.outputs, { ...Object.fromEntries(data), ...moments, step: [first / accumulation] });
    norms.push(norm![0]!);
    const named = Object.fromEntries(update.names.map((name, at) => [name, next[at]!]));
    weights = Object.assign({}, ...update.groups.map(({ name, specs }) => unflatten(specs, named[`${name}.parameter`]!))) as Arrays;
    moments = Object.fromEntries(Object.entries(named).filter(([name]) => name in moments));
  }
  return { losses, norms, weights };
}

interface Update {
  readonly groups: readonly { readonly name: string; readonly specs: readonly ParameterSpec[]; readonly size: number }[];
  /** The norm, then the values called `names`. */
  readonly outputs: readonly Value[];
  readonly names: readonly string[];
}

function buildUpdate({ training, batches }: ParityFixture, model: Decoder): Update {
  const groups = [true, false].map((decay) => {
    const specs = model.parameters.filter((spec) => spec.decay === decay);
    return { name: decay ? "decayed" : "kept", decay, specs, size: specs.reduce((size, { shape }) => size + sizeOf(shape), 0) };
  });
  const updated = applyUpdate(
    { ...training, optimizer: adamw, schedule: constant, peak: training.learningRate, steps: batches / training.accumulation, settings: { ...training, warmupSteps: 0 } },
    groups.map(({ name, decay, size }) => {
      const of = (part: string): Value => leaf(`${name}.${part}`, f32(size));
      return { parameter: of("parameter"), gradient: of("gradient"), decay: scalar(decay ? 1 : 0), state: Object.fromEntries(adamw.state.map((moment) => [moment, of(moment)])) };
    }),
    leaf("step", f32()),
  );
  const named = updated.groups.flatMap(({ parameter, state }, at) => {
    const { name } = groups[at]!;
    return [[`${name}.parameter`, parameter] as const, ...Object.entries(state).map(([moment, value]) => [`${name}.${moment}`, value] as const)];
  });
  return { groups, outputs: [updated.gradientNorm, ...named.map(([, value]) => value)], names: named.map(([name]) => name) };
}

function flatten(specs: readonly ParameterSpec[], arrays: Arrays): Float64Array {
  return Float64Array.from(specs.flatMap(({ name }) => Array.from(arrays[name]!)));
}

function unflatten(specs: readonly ParameterSpec[], flat: NumericArray): Arrays {
  let offset = 0;
  return Object.fromEntries(specs.map(({ name, shape }) => [name, flat.slice(offset, (offset += sizeOf(shape)))]));
}

function readFrom(fixture: ParityFixture, prefix: string, spec: ParameterSpec): Float32Array {
  return readParameter(spec, (name) => fixture.tensor(`${prefix}.${name}`));
}

/** Softmax ignores the key's bias, so its gradient is rounding noise, which Adam blows up: it is left out. */
function comparableRows({ name }: ParameterSpec, { config }: ParityFixture): (values: ArrayLike<number>) => number[] {
  const isPackedBias = name.endsWith("qkv.bias");
  return (values) => Array.from(values).filter((_, row) => !isPackedBias || row < config.width || row >= 2 * config.width);
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) [ab, aa, bb] = [ab + a[i]! * b[i]!, aa + a[i]! ** 2, bb + b[i]! ** 2];
  return ab / Math.sqrt(aa * bb);
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.hypot(...a.map((value, i) => value - b[i]!));
}

function largestRelative(ours: readonly number[], theirs: ArrayLike<number>): number {
  if (ours.length !== theirs.length) return Infinity;
  return Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]!) / Math.abs(theirs[i]!)));
}
