/**
 * A program as one WebAssembly module. In: the program, the address of each buffer. Out: the module's bytes, and for each step which of its
 * stages to run, or that its reference runs instead. A stage is one phase of a step: its blocks are handed out to whoever asks next.
 * Steps of the same kind share their functions; addresses are arguments.
 */
import type { Operand, Program, Step } from "../../compiler/program";
import { type Statement, all, atLeast, atomic, call, done, int, set, when, whileTrue } from "../../wasm/code";
import { type CpuKernel, type Phase, roundUp } from "../../wasm/kernel";
import { type WasmFunction, defineFunction, encodeModule } from "../../wasm/module";
import { defineBarrier, defineRun } from "./control";
import { lowerStep } from "./lowerStep";

export interface AssembledStep {
  /** Index into the steps of the program. */
  readonly index: number;
  /** Stages [from, to) of the module; undefined where the reference runs. */
  readonly stages: readonly [from: number, to: number] | undefined;
}

export interface Assembled {
  /** Undefined where no step has a kernel. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly steps: readonly AssembledStep[];
  readonly stages: number;
  /** Scratch memory that its steps need, and each thread. */
  readonly sharedBytes: number;
  readonly ownBytes: number;
}

export interface AssembleOptions {
  readonly program: Program;
  readonly addressOf: (operand: Operand) => number;
  /** Of one word for each stage, all 0: makes room when it is told how many. */
  readonly placeCounters: (stages: number) => number;
  readonly fma: boolean;
  readonly isShared: boolean;
  readonly maximumPages: number;
}

/** The barrier is function 0 of every module. */
const BARRIER = 0;

export function assemble({ program, addressOf, placeCounters, fma, isShared, maximumPages }: AssembleOptions): Assembled {
  const functions: WasmFunction[] = [defineBarrier()];
  const kinds = new Map<string, { readonly kernel: CpuKernel | undefined; readonly functions: readonly number[] }>();
  const kindOf = (step: Step): { readonly kernel: CpuKernel | undefined; readonly functions: readonly number[] } => {
    const key = JSON.stringify([step.op, step.attributes, ...[step.inputs, step.outputs].map((operands) => operands.map(({ shape, dtype, packed }) => [shape, dtype, packed]))]);
    const known = kinds.get(key);
    if (known) return known;
    const kernel = lowerStep(step, fma);
    const made = { kernel, functions: (kernel?.phases ?? []).map((phase) => functions.push(writePhase(phase, step, fma)) - 1) };
    kinds.set(key, made);
    return made;
  };
  const calls: { readonly phase: Phase; readonly callee: number; readonly step: Step }[] = [];
  const steps: AssembledStep[] = [];
  let [sharedBytes, ownBytes] = [0, 0];
  program.steps.forEach((step, index) => {
    // A view of bytes that are already there runs nothing.
    if (step.dispatches.length === 0) return;
    const { kernel, functions: own } = kindOf(step);
    const from = calls.length;
    kernel?.phases.forEach((phase, at) => calls.push({ phase, callee: own[at]!, step }));
    sharedBytes = Math.max(sharedBytes, kernel?.sharedBytes ?? 0);
    ownBytes = Math.max(ownBytes, kernel?.ownBytes ?? 0);
    steps.push({ index, stages: kernel && [from, calls.length] });
  });
  if (calls.length === 0) return { bytes: undefined, steps, stages: 0, sharedBytes, ownBytes };
  const counters = placeCounters(calls.length);
  const table = calls.map(({ phase, callee, step }, stage) => {
    const addresses = [...step.inputs, ...step.outputs].map(addressOf);
    return functions.push(writeStage(phase.blocks, callee, counters + 4 * stage, addresses)) - 1;
  });
  functions.push(defineRun(BARRIER, counters));
  return { bytes: encodeModule(functions, { isShared, maximumPages }, table), steps, stages: calls.length, sharedBytes, ownBytes: roundUp(ownBytes, 256) };
}

/** Parameters: block, shared and own scratch memory, inputs, outputs. */
function writePhase(phase: Phase, { inputs, outputs }: Step, fma: boolean): WasmFunction {
  return defineFunction({ parameters: 3 + inputs.length + outputs.length, fma }, (scope, block, shared, own, ...operands) =>
    phase.write(scope, { block: block!, shared: shared!, own: own!, inputs: operands.slice(0, inputs.length), outputs: operands.slice(inputs.length) }),
  );
}

/** Takes block after block until none is left. */
function writeStage(blocks: number, callee: number, counter: number, addresses: readonly number[]): WasmFunction {
  return defineFunction({ parameters: 2, fma: false }, (scope, shared, own) => {
    const block = scope.local("i32");
    const work: Statement = call(callee, block, shared!, own!, ...addresses.map(int));
    return whileTrue(int(1), all(set(block, atomic.add(counter, 1)), when(atLeast(block, blocks), done), work));
  });
}

