/**
 * What a device can do at best, so that a rate means something: R32, the f32 rate of kernels that touch only registers; B, the
 * bandwidth of a copy; L, the cost of a dispatch that does nothing. In: a runtime. Out: `Ceilings`, in about a second. The
 * kernels are programs made by hand; how much they do grows until a run is long enough to be timed from this side.
 */
import { compile } from "../compiler/compile";
import type { Program, Step } from "../compiler/program";
import { buffersOf } from "../compiler/program";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { negate } from "../ops/elementwise";
import { matmul } from "../ops/matmul/matmul";
import { type Kernel, groupKernel, read, write } from "../wgsl/kernel";
import type { Runtime } from "./runtime";

export interface Ceilings {
  /** R32: multiplications and additions. */
  readonly flopsPerSecond: number;
  /** B: read and written bytes both count. */
  readonly bytesPerSecond: number;
  /** L: an empty dispatch among others of one submit, with the barrier that a written buffer costs. */
  readonly dispatchSeconds: number;
}

/** Something that a program can do in any amount, in the unit of its ceiling. */
interface Probe {
  /** Where growing begins, and where it ends whatever the time. */
  readonly least: number;
  readonly most: number;
  readonly make: (amount: number) => { readonly program: Program; readonly work: number };
}

interface Probes {
  readonly flops: readonly Probe[];
  readonly bytes: readonly Probe[];
  readonly dispatches: readonly Probe[];
}

/** A run this long is told from the wait for its end; a longer one would only take time. */
const LONG_ENOUGH_MS = 6;
/** Grown to this, so that the next try is long enough. */
const WANTED_MS = 10;
const MOST_GROWTH = 64;
const ROUNDS = 3;
/** Rounds without a gain after which nothing more is waited for, and the time after which in any case. */
const SETTLED_AFTER = 6;
const MOST_UNSETTLED_MS = 80;
const GAIN = 1.03;
const MOST_ROUNDS = 5;
/** A gain that makes another round worth its time. */
const WORTHWHILE = 1.1;

/** Throws the signal's reason when it is aborted. */
export async function measureCeilings(runtime: Runtime, signal?: AbortSignal): Promise<Ceilings> {
  const probes = runtime.kind === "webgpu" ? gpuProbes(runtime) : cpuProbes();
  return {
    flopsPerSecond: await bestRate(runtime, probes.flops, signal),
    bytesPerSecond: await bestRate(runtime, probes.bytes, signal),
    dispatchSeconds: 1 / (await bestRate(runtime, probes.dispatches, signal)),
  };
}

/** What has rested gets going only under work (a clock that was lowered, code that is compiled late), so rounds follow until one gains little. */
async function bestRate(runtime: Runtime, probes: readonly Probe[], signal: AbortSignal | undefined): Promise<number> {
  let best = 0;
  for (let round = 0, before = 0; round < MOST_ROUNDS && best >= WORTHWHILE * before; round += 1) {
    before = best;
    for (const probe of probes) {
      signal?.throwIfAborted();
      best = Math.max(best, await rateOf(runtime, probe));
    }
  }
  return best;
}

/** Work per second of the first amount that takes long enough, or of the largest. */
async function rateOf(runtime: Runtime, { least, most, make }: Probe): Promise<number> {
  for (let amount = least; ; ) {
    const { program, work } = make(amount);
    const ms = await timeProgram(runtime, program);
    if (ms >= LONG_ENOUGH_MS || amount === most) return (1000 * work) / ms;
    amount = Math.min(most, Math.ceil(amount * Math.min(MOST_GROWTH, Math.max(2, WANTED_MS / ms))));
  }
}

/** Milliseconds of one run: the shortest of a few, less what it takes to hear of the end of nothing. */
async function timeProgram(runtime: Runtime, program: Program): Promise<number> {
  const memory = await runtime.allocate(buffersOf([program]));
  try {
    const recording = runtime.record([await runtime.load(program, memory)]);
    const [first] = Object.keys(memory.sizes);
    const timeToEnd = async (begin: () => void): Promise<number> => {
      const start = performance.now();
      begin();
      await memory.read(first!, 0, 4);
      return performance.now() - start;
    };
    // The first run pays for pages that were never touched.
    await timeToEnd(recording.run);
    let [shortest, silence, unchanged] = [Infinity, Infinity, 0];
    // WebAssembly begins with code that was compiled quickly and gets better code while it runs.
    const isSettled = (): boolean => runtime.kind !== "cpu" || unchanged >= SETTLED_AFTER;
    const begun = performance.now();
    for (let round = 0; round < ROUNDS || (!isSettled() && performance.now() - begun < MOST_UNSETTLED_MS); round += 1) {
      const ms = await timeToEnd(recording.run);
      unchanged = ms < shortest / GAIN ? 0 : unchanged + 1;
      shortest = Math.min(shortest, ms);
      silence = Math.min(silence, await timeToEnd(() => {}));
    }
    recording.destroy();
    return Math.max(shortest - silence, FINEST_MS);
  } finally {
    memory.destroy();
  }
}

/** The finest that a browser's clock tells; never 0, so that a rate stays finite. */
const FINEST_MS = 0.005;

const FMA_LANES = 64;
/** Every turn of the loop costs time of its own, so that many steps are written out in one. */
const FMA_TURNS = 16;
const FMA_STEPS = 16;
/** More than one dispatch only where this many workgroups are done too soon. */
const MOST_GROUPS = 2 ** 15;
const COPY_LANES = 256;
/** Beyond the caches where memory is fast; a slow device is timed long before. */
const MOST_COPIED_BYTES = 2 ** 26;
const LEAST_COPIED_BYTES = 2 ** 22;
const MOST_DISPATCHES = 64;

function gpuProbes({ target }: Runtime): Probes {
  const copied = Math.min(MOST_COPIED_BYTES, 2 ** Math.floor(Math.log2(target.bindingBytes)));
  return {
    flops: [fmaProbe("f32", 12), fmaProbe("vec4f", 8)],
    bytes: [copyProbe("vec4f", copied), copyProbe("mat4x4f", copied)],
    dispatches: [{ least: 256, most: 4096, make: (count) => ({ program: programOf(emptyKernel(), { y: 16 }, count), work: count }) }],
  };
}

/** x ← x·a + b on independent chains: they hide the latency, and are few enough to stay in registers. */
function fmaProbe(element: "f32" | "vec4f", chains: number): Probe {
  const each = (line: (index: number) => string): string => Array.from({ length: chains }, (_, index) => line(index)).join(" ");
  const step = each((i) => `x${i} = fma(x${i}, a, b);`);
  const kernel = (groups: number): Kernel =>
    groupKernel({
      label: `ceiling(fma ${element} ${chains})`,
      bindings: { y: write(element) },
      workgroupSize: FMA_LANES,
      groups,
      // The factors come from memory and the lane, so that nothing can be computed before the run; the sum is never negative.
      body: `  let a = y[0] + 0.5;
  let b = y[1] + f32(lane);
  ${each((i) => `var x${i} = b + ${i}.0;`)}
  for (var turn = 0u; turn < ${FMA_TURNS}u; turn += 1u) {
${Array.from({ length: FMA_STEPS }, () => `    ${step}`).join("\n")}
  }
  let sum = ${Array.from({ length: chains }, (_, i) => `x${i}`).join(" + ")};
  if (${element === "f32" ? "sum" : "sum.x"} < 0.0) { y[2] = sum; }`,
    });
  const words = element === "f32" ? 1 : 4;
  const flopsPerGroup = FMA_LANES * FMA_TURNS * FMA_STEPS * chains * words * 2;
  return {
    least: 64,
    most: MOST_GROUPS * MOST_DISPATCHES,
    make: (amount) => {
      const groups = Math.min(amount, MOST_GROUPS);
      const count = Math.ceil(amount / MOST_GROUPS);
      return { program: programOf(kernel(groups), { y: 48 }, count), work: groups * count * flopsPerGroup };
    },
  };
}

/** y ← x, one element an invocation: 16 or 64 bytes. */
function copyProbe(element: "vec4f" | "mat4x4f", mostBytes: number): Probe {
  const elementBytes = element === "vec4f" ? 16 : 64;
  const most = mostBytes / LEAST_COPIED_BYTES;
  const kernel = (groups: number): Kernel =>
    groupKernel({
      label: `ceiling(copy ${element})`,
      bindings: { y: write(element), x: read(element) },
      workgroupSize: COPY_LANES,
      groups,
      body: `  let item = group * ${COPY_LANES}u + lane;\n  y[item] = x[item];`,
    });
  return {
    least: 1,
    most: most * MOST_DISPATCHES,
    make: (amount) => {
      const bytes = Math.min(amount, most) * LEAST_COPIED_BYTES;
      const count = Math.ceil(amount / most);
      return { program: programOf(kernel(bytes / elementBytes / COPY_LANES), { y: bytes, x: bytes }, count), work: 2 * bytes * count };
    },
  };
}

function emptyKernel(): Kernel {
  return groupKernel({ label: "ceiling(nothing)", bindings: { y: write("vec4f") }, workgroupSize: 1, groups: 1, body: "" });
}

/** A program of one kernel over buffers of its own, dispatched `count` times. */
function programOf(kernel: Kernel, bytes: Readonly<Record<string, number>>, count: number): Program {
  const ranges = kernel.operands.map(({ name }) => ({ buffer: `ceiling.${name}`, offset: 0, bytes: bytes[name]! }));
  const step: Step = { op: "ceiling", attributes: {}, inputs: [], outputs: [], dispatches: [{ kernel: 0, ranges, workgroups: kernel.workgroups }] };
  return {
    name: kernel.label,
    kernels: [{ label: kernel.label, code: kernel.code, access: kernel.operands.map(({ access }) => (access === "read" ? "r" : "w")).join("") }],
    steps: Array.from({ length: count }, () => step),
    slots: [],
    arenas: Object.fromEntries(ranges.map((range) => [range.buffer, range.bytes])),
    leaves: {},
    outputs: {},
    flops: 0,
  };
}

/** The CPU runtime runs ops, not kernels: its best product, its plainest pass over memory, its smallest step, each on all its threads. */
function cpuProbes(): Probes {
  const step = compile("ceiling(step)", [{ name: "y", value: negate(leaf("x", f32(1))) }]);
  return {
    flops: [{ least: 1, most: 2 ** 14, make: makeProduct }],
    bytes: [{ least: 1, most: 2 ** 10, make: makePass }],
    // A step is a stage of a module: more would take longer to compile than to time.
    dispatches: [{ least: 2 ** 9, most: 2 ** 10, make: (count) => ({ program: repeat(step, count), work: count }) }],
  };
}

/** Of the smaller products; the larger, which all threads share, takes the place of this many. */
const SMALL_SIDE = 128;
const LARGE_SIDE = 512;
const SMALL_IN_LARGE = (LARGE_SIDE / SMALL_SIDE) ** 3;

function makeProduct(amount: number): { readonly program: Program; readonly work: number } {
  const [side, count] = amount < SMALL_IN_LARGE ? [SMALL_SIDE, amount] : [LARGE_SIDE, Math.ceil(amount / SMALL_IN_LARGE)];
  const product = compile("ceiling(product)", [{ name: "y", value: matmul(leaf("a", f32(side, side)), leaf("b", f32(side, side)), "NT") }]);
  return { program: repeat(product, count), work: count * 2 * side ** 3 };
}

/** A MiB read and another written; from the most on, as with a GPU's copies, beyond the caches. */
const PASS_NUMBERS = 2 ** 18;
const MOST_PASSED = 32;

function makePass(amount: number): { readonly program: Program; readonly work: number } {
  const numbers = PASS_NUMBERS * Math.min(amount, MOST_PASSED);
  const count = Math.ceil(amount / MOST_PASSED);
  return { program: repeat(compile("ceiling(pass)", [{ name: "y", value: negate(leaf("x", f32(numbers))) }]), count), work: 8 * numbers * count };
}

const repeat = (program: Program, count: number): Program => ({ ...program, steps: Array.from({ length: count }, () => program.steps).flat() });
