/** What a runtime on the CPU promises about order and memory, beside what its kernels compute (ops.test.ts). */
import { afterEach, describe, expect, test, vi } from "vitest";
import { compile } from "../../compiler/compile";
import { type Program, buffersOf } from "../../compiler/program";
import { leaf } from "../../graph/leaf";
import { opNamed } from "../../graph/op";
import { type Value, f32 } from "../../graph/value";
import { add, multiply, scalar } from "../../ops/elementwise";
import "../../ops/sampling/sampleToken";
import { checkManyKernels } from "../../testing/checkOp";
import { opCases } from "../../testing/opCases";
import { runOn } from "../../testing/runGraph";
import type { Memory, Runtime } from "../runtime";
import { openCpuRuntime } from "./index";

const open: Runtime[] = [];
function openRuntime(): Runtime {
  const runtime = openCpuRuntime();
  open.push(runtime);
  return runtime;
}
afterEach(() => {
  vi.restoreAllMocks();
  for (const runtime of open.splice(0)) runtime.destroy();
});

const STATE = { arena: "state", offset: 0 };

/** state ← 2·state + 1, of so many numbers, in so many steps that are the same. */
function compileSteps(runtime: Runtime, numbers = 4, steps = 1): Program[] {
  const state = leaf("state", f32(numbers), STATE);
  const next: Value = add(multiply(state, scalar(2)), scalar(1));
  return Array.from({ length: steps }, (_, index) => compile(`step ${index}`, [{ name: "next", value: next, storage: STATE }], runtime.target));
}

const write = (memory: Memory, ...values: readonly number[]): void => memory.write("state", 0, Float32Array.from(values));
const read = async (memory: Memory, count = 1): Promise<number[]> => [...new Float32Array(await memory.read("state", 0, 4 * count))];

/** A clock that jumps at each look, so far that a slice is one step. */
function letTimeFly(): void {
  let now = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => (now += 8));
}

async function openSteps(numbers = 4, steps = 1) {
  const runtime = openRuntime();
  const programs = compileSteps(runtime, numbers, steps);
  const memory = await runtime.allocate(buffersOf(programs));
  const executables = await Promise.all(programs.map((program) => runtime.load(program, memory)));
  return { runtime, programs, memory, executables, recording: runtime.record(executables, { buffer: "state", offset: 0, bytes: 4 }) };
}

describe("order", () => {
  test("a write waits its turn behind the runs before it, and a read sees exactly those", async () => {
    const { memory, recording } = await openSteps(4, 5);
    write(memory, 1, 1, 1, 1);
    letTimeFly();
    recording.run();
    const afterOne = read(memory);
    const given = Float32Array.of(5);
    memory.write("state", 0, given);
    // The caller's array is its own again.
    given[0] = -1;
    const afterWrite = read(memory, 2);
    recording.run();
    const afterTwo = read(memory, 2);
    memory.clear("state");
    const afterClear = read(memory, 2);
    expect([await afterOne, await afterWrite, await afterTwo, await afterClear]).toEqual([[63], [5, 63], [191, 2047], [0, 0]]);
    expect([...await recording.collect()]).toEqual([63, 191]);
    expect([...await recording.collect()]).toEqual([]);
  });

  test("the bytes of runs in slices are those of runs in one", async () => {
    const [whole, sliced] = [await openSteps(1000, 4), await openSteps(1000, 4)];
    const numbers = Array.from({ length: 1000 }, (_, index) => Math.sin(index));
    for (const { memory } of [whole, sliced]) write(memory, ...numbers);
    for (let run = 0; run < 3; run += 1) whole.recording.run();
    const expected = await read(whole.memory, 1000);
    letTimeFly();
    for (let run = 0; run < 3; run += 1) sliced.recording.run();
    expect(await read(sliced.memory, 1000)).toEqual(expected);
  });

  test("a recording that is destroyed while someone paces leaves nobody waiting", async () => {
    const { memory, recording } = await openSteps(4, 5);
    letTimeFly();
    recording.run();
    const waiting = [recording.pace(), recording.collect()];
    recording.destroy();
    for (const one of waiting) await one;
    // What was asked for before is done.
    expect(await read(memory)).toEqual([31]);
  });

  test("a runtime that is destroyed while someone paces leaves nobody waiting, and says to who reads that there is nothing", async () => {
    const { runtime, memory, recording, executables } = await openSteps(4, 5);
    letTimeFly();
    recording.run();
    const [pace, collected, profiled, reading] = [recording.pace(), recording.collect(), runtime.profile(executables, 1e9), read(memory)];
    runtime.destroy();
    await pace;
    expect([...await collected]).toEqual([]);
    expect(await profiled).toBeUndefined();
    await expect(reading).rejects.toMatchObject({ kind: "device-lost" });
  });

  test("a run that fails in the middle is over: the next one begins at the beginning", async () => {
    const { memory, recording, executables, runtime } = await openSteps(4, 2);
    const state = leaf("state", f32(4), STATE);
    const moved = compile("moved", [{ name: "next", value: multiply(state, scalar(-1)), storage: STATE }], runtime.target);
    const last = moved.steps[0]!;
    // A step without a kernel runs its reference, which here fails once.
    const failing = await runtime.load({ ...moved, steps: [{ ...last, op: "sampleToken", attributes: {} }] }, memory);
    const reference = vi.spyOn(opNamed("sampleToken"), "reference").mockImplementationOnce(() => {
      throw new Error("broken");
    });
    const all = runtime.record([executables[0]!, failing, executables[1]!]);
    expect(() => all.run()).toThrow("broken");
    expect(await read(memory)).toEqual([1]);
    reference.mockImplementation(() => {});
    all.run();
    expect(await read(memory)).toEqual([7]);
    recording.run();
    expect(await read(memory)).toEqual([31]);
  });
});

describe("memory", () => {
  test("grows under programs that are loaded", async () => {
    const { runtime, memory, recording } = await openSteps(4, 2);
    write(memory, 1, 2, 3, 4);
    recording.run();
    const large = await runtime.allocate({ large: 5 * 2 ** 20 });
    recording.run();
    expect(await read(memory, 4)).toEqual([31, 47, 63, 79]);
    expect(new Uint8Array(await large.read("large", 0, 5 * 2 ** 20)).every((byte) => byte === 0)).toBe(true);
    expect([...await recording.collect()]).toEqual([7, 31]);
  });

  test("many rounds of allocating, loading, running and destroying take no more of it", async () => {
    const runtime = openRuntime();
    const [program] = compileSteps(runtime, 3000) as [Program];
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    let growths = 0;
    for (let round = 0; round < 150; round += 1) {
      const memory = await runtime.allocate({ ...buffersOf([program]), more: 4000 });
      const executables = [await runtime.load(program, memory), await runtime.load(program, memory)];
      const recording = runtime.record(executables);
      recording.run();
      expect(await read(memory, 2)).toEqual([3, 3]);
      recording.destroy();
      memory.destroy();
      if (round === 0) growths = grow.mock.calls.length;
    }
    expect(grow.mock.calls.length).toBe(growths);
  });

  test("addresses beyond 2 GiB are addresses like any other", async () => {
    const runtime = openRuntime();
    // Nobody touches it, so that the system need not have it.
    await runtime.allocate({ most: 2 ** 31 });
    const some = opCases.filter((_, index) => index % 5 === 0);
    expect(await checkManyKernels(some, (values, data) => runOn(runtime, values, data))).toEqual([]);
  });

  test("of what cannot be had in full, nothing is kept", async () => {
    const runtime = openRuntime();
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    const first = await runtime.allocate({ a: 2 ** 20 });
    first.destroy();
    const growths = grow.mock.calls.length;
    await expect(runtime.allocate({ a: 2 ** 19, b: 2 ** 33 })).rejects.toMatchObject({ kind: "out-of-memory" });
    const again = await runtime.allocate({ a: 2 ** 20 });
    // The attempt asked once, in vain.
    expect(grow.mock.calls.length).toBe(growths + 1);
    expect(again.bytes).toBe(2 ** 20);
  });

  test("a program that is refused takes nothing", async () => {
    const runtime = openRuntime();
    const [program] = compileSteps(runtime) as [Program];
    const memory = await runtime.allocate({ ...buffersOf([program]), rest: 40_000 });
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    vi.spyOn(WebAssembly, "Module").mockImplementation(function refuse() {
      throw new Error("no");
    });
    for (let round = 0; round < 300; round += 1) await expect(runtime.load(program, memory)).rejects.toMatchObject({ kind: "kernel-refused", message: expect.stringContaining('"step 0"') as string });
    expect(grow).not.toHaveBeenCalled();
  });
});

test("the time of each step is told, and what it reads and writes", async () => {
  const { runtime, executables } = await openSteps(4, 2);
  const times = await runtime.profile(executables, 5);
  expect(times).toHaveLength(2);
  for (const [index, time] of times!.entries()) expect(time).toMatchObject({ program: `step ${index}`, step: 0, op: "fusedElementwise", index, bytes: 32 });
  expect(times!.every(({ seconds }) => seconds >= 0)).toBe(true);
});
