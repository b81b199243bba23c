/**
 * From settings to programs: model × objective × optimizer × schedule. In: an experiment, the size of the vocabulary, what the
 * device allows. Out: the programs of a run (gradients, their sum, the update, the measurement, one token of an answer and the choice of the next), the
 * layout of memory they share and the arrays that feed them. Pure: nothing is allocated on a device.
 */
import { type Output, compile } from "../engine/compiler/compile";
import { type Program, buffersOf } from "../engine/compiler/program";
import { differentiate } from "../engine/graph/differentiate";
import { leaf } from "../engine/graph/leaf";
import type { Target } from "../engine/graph/op";
import { type Storage, type Value, f32, u32 } from "../engine/graph/value";
import { add, multiply, scalar, where } from "../engine/ops/elementwise";
import { stack } from "../engine/ops/movement";
import { REQUEST } from "../engine/ops/sampling/choose";
import { sampleToken } from "../engine/ops/sampling/sampleToken";
import type { Experiment } from "../settings/experiment";
import { FailureError } from "../settings/failure";
import { ARENA, type Feed, type ParameterLayout, cacheArena, layOutFeed, layOutParameters, momentArena, parameterLeaves } from "./layout";
import { constantLeaves } from "./layers/positions";
import { type Decoder, type DecoderConfig, makeDecoder } from "./models/decoder";
import { MODELS } from "./models/index";
import { OBJECTIVES } from "./objectives/index";
import type { BatchExtent, LossCall, Objective } from "./objectives/objective";
import { LONGEST_MIXED, applyUpdate, firstOf } from "./optimizers/applyUpdate";
import { OPTIMIZERS } from "./optimizers/index";
import type { Optimizer } from "./optimizers/optimizer";
import { targetFor } from "./precision";
import { SCHEDULES } from "./schedules/index";
import type { Schedule } from "./schedules/schedule";

/** What a finished update reports, in this order; 4 numbers are one readback row. */
export const STEP_METRICS = ["loss", "learningRate", "gradientNorm", "applied"] as const;

export interface Plan {
  readonly settings: Experiment;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly decoder: Decoder;
  readonly extent: BatchExtent;
  readonly layout: ParameterLayout;
  /** Names of the arenas that a checkpoint has to hold: parameters and moments. */
  readonly stateArenas: readonly string[];
  readonly feed: Feed;
  readonly decodeFeed: Feed;
  readonly requestFeed: Feed;
  /** Most bytes that logits may take at once, where it is not the usual; see ops/linearCrossEntropy. */
  readonly largestLogits?: number;
}

export interface Programs {
  readonly gradients: Program;
  /** Present when several batches make one update. */
  readonly accumulate: Program | undefined;
  readonly update: Program;
  readonly evaluate: Program;
  readonly decode: Program;
  /** Chooses a token from the logits of `decode`, and makes it the next one to decode. */
  readonly sample: Program;
}

/** The chosen model's config, or a "bad-settings" failure that says what does not fit. */
export function configureModel(settings: Experiment, vocabularySize: number): DecoderConfig {
  const configured = entryOf(MODELS, settings.model, "model").configure(settings, vocabularySize);
  if (configured.ok) return configured.config;
  throw new FailureError({
    kind: "bad-settings",
    message: configured.problems.join(" "),
    hint: "Change the setting that is named and start again.",
    where: "model",
  });
}

export function planRun(settings: Experiment, vocabularySize: number, target: Target): Plan {
  const config = configureModel(settings, vocabularySize);
  const objective = entryOf(OBJECTIVES, settings.objective, "objective");
  const optimizer = entryOf(OPTIMIZERS, settings.optimizer, "optimizer");
  const decoder = makeDecoder(config);
  const extent: BatchExtent = { batch: settings.batchSize, time: config.contextLength, vocabularySize };
  return {
    settings,
    objective,
    optimizer,
    decoder,
    extent,
    layout: layOutParameters(decoder.parameters, target.bindingBytes, LONGEST_MIXED),
    stateArenas: [ARENA.parameters, ...optimizer.state.map(momentArena)],
    feed: layOutFeed(ARENA.feed, { key: u32(2), step: f32(), first: f32(), ...objective.inputTypes(extent) }),
    decodeFeed: layOutFeed(ARENA.decodeFeed, { token: u32(1), position: u32(1) }),
    requestFeed: layOutFeed(ARENA.request, { request: u32(REQUEST.length) }),
  };
}

export const listPrograms = (programs: Programs): Program[] => Object.values(programs).filter((program: Program | undefined) => program !== undefined);

/** Bytes of every buffer, by name. Gradients and moments exist even where a program happens not to touch their last bytes. */
export function buffersOfRun(plan: Plan, programs: Programs): Record<string, number> {
  const arenas = [...plan.stateArenas, ARENA.gradients, ...(programs.accumulate ? [ARENA.accumulated] : [])];
  const whole = Object.fromEntries(arenas.map((arena) => [arena, plan.layout.bytes]));
  return { ...buffersOf(listPrograms(programs)), ...whole, [ARENA.feed]: plan.feed.bytes.length };
}

export function compilePrograms(plan: Plan, device: Target): Programs {
  const target = targetFor(plan.settings, device);
  const isAccumulated = plan.settings.gradientAccumulation > 1;
  return {
    gradients: compileGradients(plan, target),
    accumulate: isAccumulated ? compileAccumulation(plan, target) : undefined,
    update: compileUpdate(plan, target),
    evaluate: compileEvaluation(plan, target),
    decode: compileDecode(plan, target),
    sample: compileSample(plan, target),
  };
}

function entryOf<Entry extends { readonly id: string; readonly label: string }>(registry: readonly Entry[], id: string, where: string): Entry {
  const entry = registry.find((one) => one.id === id);
  if (entry) return entry;
  throw new FailureError({
    kind: "bad-settings",
    message: `There is no ${where} "${id}".`,
    hint: `Choose one of ${registry.map((one) => one.label).join(", ")}.`,
    where,
  });
}

const LOGITS: Storage = { arena: ARENA.logits, offset: 0 };
const LOSS: Storage = { arena: ARENA.losses, offset: 0 };
const LOSS_SUM: Storage = { arena: ARENA.lossSum, offset: 0 };

function lossOf(plan: Plan, parameters: Readonly<Record<string, Value>>, isTraining: boolean): { readonly loss: Value; readonly hidden: Value } {
  const { objective, decoder, feed, extent } = plan;
  const call: LossCall = {
    model: decoder,
    parameters,
    constants: constantLeaves(decoder.constants),
    inputs: feed.leaves,
    extent,
    ...(plan.largestLogits === undefined ? {} : { largestLogits: plan.largestLogits }),
    ...(isTraining && decoder.config.dropout > 0 ? { dropoutKey: feed.leaves["key"]! } : {}),
  };
  const hidden = objective.hidden(call);
  return { hidden, loss: objective.loss(hidden, call) };
}

/** One batch: the loss, and the gradient of every parameter at its place. */
function compileGradients(plan: Plan, target: Target): Program {
  const { layout } = plan;
  const parameters = parameterLeaves(layout);
  const { loss, hidden } = lossOf(plan, parameters, true);
  const gradients = differentiate(loss, layout.specs.map((spec) => parameters[spec.name]!));
  const outputs = layout.specs.map((spec, index): Output => ({
    name: spec.name,
    value: gradients[index]!,
    storage: { arena: ARENA.gradients, offset: layout.offsets[spec.name]! },
  }));
  // What the head keeps stays f32: the loss is made with its gradients, and both have to be right to the last bit that counts.
  const saved = plan.settings.activations === "bf16" ? { packBefore: hidden } : {};
  return compile("gradients", [{ name: "loss", value: loss, storage: LOSS }, ...outputs], target, saved);
}

/** sum ← gradient, or gradient + sum after the first; chosen, not multiplied by 0, so that an old NaN does not stay. */
function compileAccumulation(plan: Plan, target: Target): Program {
  const addTo = (sum: Value, next: Value): Value => where(plan.feed.leaves["first"]!, next, add(next, sum));
  const accumulated = plan.layout.runs.map(({ offset, numbers }, index): Output => {
    const place = { arena: ARENA.accumulated, offset };
    const sum = leaf(`sum${index}`, f32(numbers), place);
    const gradient = leaf(`gradient${index}`, f32(numbers), { arena: ARENA.gradients, offset });
    return { name: `sum${index}`, value: addTo(sum, gradient), storage: place };
  });
  const sum = addTo(leaf("lossSum", f32(), LOSS_SUM), leaf("loss", f32(), LOSS));
  return compile("accumulate", [...accumulated, { name: "lossSum", value: sum, storage: LOSS_SUM }], target);
}

/** Clip, schedule, optimize; and the row of STEP_METRICS. */
function compileUpdate(plan: Plan, target: Target): Program {
  const { settings, layout, optimizer, feed } = plan;
  const accumulation = settings.gradientAccumulation;
  const isAccumulated = accumulation > 1;
  const groups = layout.runs.map(({ offset, numbers, decayed }, index) => ({
    parameter: leaf(`parameters${index}`, f32(numbers), { arena: ARENA.parameters, offset }),
    gradient: leaf(`gradient${index}`, f32(numbers), { arena: isAccumulated ? ARENA.accumulated : ARENA.gradients, offset }),
    state: Object.fromEntries(optimizer.state.map((name) => [name, leaf(`${name}${index}`, f32(numbers), { arena: momentArena(name), offset })])),
    decay: firstOf(decayed, numbers),
  }));
  const applied = applyUpdate(
    {
      optimizer,
      schedule: scheduleOf(settings),
      settings,
      peak: settings.learningRate,
      steps: settings.steps,
      clip: settings.gradientClipping,
      accumulation,
    },
    groups,
    feed.leaves["step"]!,
  );
  const loss = isAccumulated
    ? multiply(leaf("lossSum", f32(), LOSS_SUM), scalar(1 / accumulation))
    : leaf("loss", f32(), LOSS);
  const metrics = stack([loss, applied.learningRate, applied.gradientNorm, applied.finite]);
  const outputs = applied.groups.flatMap((group, index): Output[] => {
    const { offset } = layout.runs[index]!;
    return [
      { name: `parameters${index}`, value: group.parameter, storage: { arena: ARENA.parameters, offset } },
      ...optimizer.state.map((name) => ({ name: `${name}${index}`, value: group.state[name]!, storage: { arena: momentArena(name), offset } })),
    ];
  });
  return compile("update", [...outputs, { name: "metrics", value: metrics, storage: { arena: ARENA.metrics, offset: 0 } }], target);
}

function scheduleOf(settings: Experiment): Schedule {
  return entryOf(SCHEDULES, settings.schedule, "schedule");
}

function compileEvaluation(plan: Plan, target: Target): Program {
  const { loss } = lossOf(plan, parameterLeaves(plan.layout), false);
  return compile("evaluate", [{ name: "loss", value: stack([loss]), storage: { arena: ARENA.metrics, offset: 256 } }], target);
}

/** One token in, the logits of the next out; the caches of keys and values are updated in place. */
function compileDecode(plan: Plan, target: Target): Program {
  const { decoder, layout, decodeFeed } = plan;
  const { cacheType } = decoder;
  const places = Array.from({ length: decoder.config.layers }, (_, layer): Storage => ({ arena: cacheArena(layer), offset: 0 }));
  const { logits, caches } = decoder.decode({
    parameters: parameterLeaves(layout),
    constants: constantLeaves(decoder.constants),
    token: decodeFeed.leaves["token"]!,
    position: decodeFeed.leaves["position"]!,
    caches: places.map((place, layer) => leaf(`cache${layer}`, cacheType, place)),
  });
  const outputs = caches.map((value, layer): Output => ({ name: `cache${layer}`, value, storage: places[layer]! }));
  return compile("decode", [{ name: "logits", value: logits, storage: LOGITS }, ...outputs], target);
}

/** Token and position in, the next ones out, in the same bytes: so a token feeds the next step without leaving the device. */
function compileSample({ decodeFeed, requestFeed, decoder, extent }: Plan, target: Target): Program {
  const next = sampleToken(leaf("logits", f32(1, extent.vocabularySize), LOGITS), requestFeed.leaves["request"]!, {
    token: decodeFeed.leaves["token"]!,
    position: decodeFeed.leaves["position"]!,
    written: leaf("written", u32(decoder.config.contextLength), { arena: ARENA.written, offset: 0 }),
  });
  return compile("sample", Object.entries(next).map(([name, value]: [string, Value]): Output => ({ name, value })), target);
}
