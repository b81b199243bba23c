/**
 * The page of `node bench/product.mjs`: one product on one thread of the CPU runtime, as it is built with relaxed SIMD and without, and beside
 * each what the same instructions can do in registers. In, from whoever drives the browser: `prepare` a size; `run` one of what was prepared for a
 * while. Out: names and operations; the shortest time of a run.
 */
import { compile } from "../src/engine/compiler/compile";
import { buffersOf } from "../src/engine/compiler/program";
import { leaf } from "../src/engine/graph/leaf";
import { f32 } from "../src/engine/graph/value";
import { matmul } from "../src/engine/ops/matmul/matmul";
import { openCpuRuntime } from "../src/engine/runtime/cpu";
import { hasFusedMultiplyAdd } from "../src/engine/runtime/cpu/features";
import { makePeak } from "./vectorPeak";

interface Prepared {
  readonly name: string;
  /** Multiplications and additions. */
  readonly work: number;
  /** Place of what its instructions can do at best. */
  readonly ceiling: number;
  readonly run: () => Promise<void> | void;
}

let prepared: Prepared[] = [];

async function prepare(side: number): Promise<readonly Omit<Prepared, "run">[]> {
  prepared = [];
  for (const fma of hasFusedMultiplyAdd() ? [true, false] : [false]) {
    const kind = fma ? "relaxed SIMD" : "SIMD";
    const ceiling = prepared.length + 1;
    prepared.push({ name: `Descent, ${kind}`, ceiling, ...(await makeProduct(side, fma)) }, { name: `in registers, ${kind}`, ceiling, ...makePeak(fma) });
  }
  return prepared.map(({ name, work, ceiling }) => ({ name, work, ceiling }));
}

/** y = a·b of random matrices. One that is wrong is not timed. */
async function makeProduct(side: number, fma: boolean): Promise<Pick<Prepared, "work" | "run">> {
  const runtime = openCpuRuntime({ fma });
  const program = compile("product", [{ name: "y", value: matmul(leaf("a", f32(side, side)), leaf("b", f32(side, side)), "NN") }]);
  const memory = await runtime.allocate(buffersOf([program]));
  const place = { a: program.leaves["a"]!, b: program.leaves["b"]!, y: program.outputs["y"]! };
  const [a, b] = [randomNumbers(side * side), randomNumbers(side * side)];
  memory.write(place.a.buffer, place.a.offset, a);
  memory.write(place.b.buffer, place.b.offset, b);
  const recording = runtime.record([await runtime.load(program, memory)]);
  const run = async (): Promise<void> => {
    recording.run();
    await memory.read(place.y.buffer, place.y.offset, 4);
  };
  await run();
  const row = side - 1;
  const y = new Float32Array(await memory.read(place.y.buffer, place.y.offset + 4 * row * side, 4 * side));
  for (let column = 0; column < side; column += 1) {
    let exact = 0;
    for (let k = 0; k < side; k += 1) exact += a[row * side + k]! * b[k * side + column]!;
    if (!(Math.abs(y[column]! - exact) < 1e-5 * side)) throw new Error(`The product is wrong at (${row}, ${column}): ${y[column]} instead of ${exact}.`);
  }
  return { work: 2 * side ** 3, run };
}

const randomNumbers = (count: number): Float32Array<ArrayBuffer> => Float32Array.from({ length: count }, () => 2 * Math.random() - 1);

/** Milliseconds of the shortest run. */
async function run(index: number, forMs: number): Promise<number> {
  const { run: act } = prepared[index]!;
  let shortest = Infinity;
  for (const end = performance.now() + forMs; performance.now() < end; ) {
    const start = performance.now();
    await act();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

Object.assign(globalThis, { prepare, run });
