/**
 * A program is what compilation leaves: plain data that names ops, kernels, buffers and counts, never an object of a device.
 * In: nothing. Out: the types, and `printProgram`, the text that a golden test guards. Each step says twice what it does:
 * as an op over operands (the CPU runtime runs that) and as dispatches of kernels (WebGPU runs those).
 */
import type { Attributes, TensorType } from "../graph/value";

/** A range of a buffer: an arena by its name, or a slot "slot3" that activations share by lifetime. */
export interface BufferRange {
  readonly buffer: string;
  readonly offset: number;
  readonly bytes: number;
}

export type Operand = TensorType & BufferRange;

export interface Dispatch {
  /** Index into `Program.kernels`. */
  readonly kernel: number;
  readonly ranges: readonly BufferRange[];
  readonly workgroups: readonly [number, number, number];
}

export interface Step {
  readonly op: string;
  readonly attributes: Attributes;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly dispatches: readonly Dispatch[];
}

export interface ProgramKernel {
  readonly label: string;
  readonly code: string;
  /** "r" or "w" per binding. */
  readonly access: string;
}

export interface Program {
  readonly name: string;
  readonly kernels: readonly ProgramKernel[];
  readonly steps: readonly Step[];
  /** Bytes of each shared slot. */
  readonly slots: readonly number[];
  /** Bytes that the program needs of each arena it touches. */
  readonly arenas: Readonly<Record<string, number>>;
  readonly leaves: Readonly<Record<string, Operand>>;
  readonly outputs: Readonly<Record<string, Operand>>;
  /** Multiplications and additions of the matrix products and attention, for estimates and rates. */
  readonly flops: number;
}

export const slotName = (index: number): string => `slot${index}`;

/** Every buffer the programs need when they run one after another over the same memory. Slots are shared by size. */
export function buffersOf(programs: readonly Program[]): Record<string, number> {
  const sizes: Record<string, number> = {};
  const need = (name: string, bytes: number): void => void (sizes[name] = Math.max(sizes[name] ?? 0, bytes));
  for (const program of programs) {
    program.slots.forEach((bytes, index) => need(slotName(index), bytes));
    for (const [arena, bytes] of Object.entries(program.arenas)) need(arena, bytes);
  }
  return sizes;
}

export function countDispatches(program: Program): number {
  return program.steps.reduce((count, step) => count + step.dispatches.length, 0);
}

/** Sum of the ranges that its dispatches bind: what they read and write if they touch everything once. */
export function countBytes(program: Program): number {
  return program.steps.reduce((sum, { dispatches }) => sum + dispatches.reduce((all, { ranges }) => all + ranges.reduce((bytes, range) => bytes + range.bytes, 0), 0), 0);
}

/** One line per step: what runs, over which shapes, from where to where, in how many workgroups. */
export function printProgram(program: Program): string {
  const lines = program.steps.map((step, index) => {
    const kernels = step.dispatches.map(({ kernel, workgroups }) => `${program.kernels[kernel]!.label}[${workgroups.join("×")}]`);
    return `${String(index).padStart(3)} ${step.op} ${step.inputs.map(printOperand).join(", ")} → ${step.outputs.map(printOperand).join(", ")} | ${kernels.join(" ")}`;
  });
  const slotBytes = program.slots.reduce((sum, bytes) => sum + bytes, 0);
  const arenas = Object.entries(program.arenas).map(([name, bytes]) => `${name} ${bytes}`);
  return [
    `program ${program.name}: ${program.steps.length} steps, ${countDispatches(program)} dispatches, ${program.kernels.length} kernels, ` +
      `${program.slots.length} slots ${slotBytes} bytes, ${program.flops} flops`,
    `arenas: ${arenas.join(", ")}`,
    ...lines,
  ].join("\n");
}

function printOperand({ buffer, offset, shape, dtype, packed }: Operand): string {
  return `${packed ? "bf16" : dtype === "u32" ? "u32" : ""}[${shape.join(",")}]@${buffer}${offset > 0 ? `+${offset}` : ""}`;
}
