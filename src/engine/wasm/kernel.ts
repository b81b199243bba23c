/**
 * What a kernel on the CPU is: phases that run one after another, each of blocks that may run in any order and on any thread. Blocks share
 * nothing that another block of the phase writes, so results are the same bytes for any number of threads.
 */
import type { I32, Statement } from "./code";
import type { Scope } from "./module";

/** Addresses a block works with. Operands lie at multiples of 256 bytes, scratch memory at multiples of 64. */
export interface Places {
  /** Index of the block in its phase. */
  readonly block: I32;
  readonly inputs: readonly I32[];
  readonly outputs: readonly I32[];
  /** Scratch memory of the step: what one phase leaves for the next. */
  readonly shared: I32;
  /** Scratch memory of the thread: nothing is left in it from block to block. */
  readonly own: I32;
}

export interface Phase {
  readonly blocks: number;
  readonly write: (scope: Scope, places: Places) => Statement;
}

export interface CpuKernel {
  readonly phases: readonly Phase[];
  /** Bytes of each kind of scratch memory. */
  readonly sharedBytes?: number;
  readonly ownBytes?: number;
}

export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
