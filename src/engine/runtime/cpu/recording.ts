/**
 * Programs in a row on a team of threads. In: loaded programs, the bytes to watch. Out: a job that runs them once, and the same as a
 * `Recording`. Steps go to the threads in one command as long as that stays within the slice, by what they took before.
 */
import type { Program } from "../../compiler/program";
import { type BoundStep, runStep } from "../boundStep";
import type { Executable, Recording, Watched } from "../runtime";
import type { AssembledStep } from "./assemble";
import type { Job, Queue } from "./queue";
import type { Team } from "./team";

export interface CpuExecutable extends Executable {
  readonly program: Program;
  /** The team's number for it. */
  readonly module: number;
  readonly steps: readonly AssembledStep[];
  /** Of a step without a kernel: arrays over the memory as it is now. */
  readonly bound: (index: number) => BoundStep;
  /** The bytes of a range as they are now, copied. */
  readonly copy: (range: Watched) => ArrayBuffer;
}

export interface Unit {
  readonly executable: CpuExecutable;
  readonly step: AssembledStep;
}

export const unitsOf = (executables: readonly CpuExecutable[]): Unit[] => executables.flatMap((executable) => executable.steps.map((step) => ({ executable, step })));

export function runUnit(team: Team, { executable, step: { index, stages } }: Unit): void {
  if (stages) team.command(executable.module, stages[0], stages[1]);
  else runStep(executable.bound(index));
}

/** One job for all runs of a recording: it begins anew when it is done, or has failed. */
function createRun(team: Team, units: readonly Unit[], onDone: () => void): Job {
  /** As measured, smoothed; unknown before the first run. */
  const milliseconds = new Float64Array(units.length).fill(Infinity);
  let at = 0;
  /** The units from `at` on that one command can do in the time. */
  const reach = (time: number): number => {
    const { executable, step } = units[at]!;
    let [end, sum] = [at + 1, milliseconds[at]!];
    if (!step.stages) return end;
    for (; end < units.length && units[end]!.executable === executable && units[end]!.step.stages; end += 1) {
      sum += milliseconds[end]!;
      if (sum > time) break;
    }
    return end;
  };
  return {
    advance(until) {
      for (let now = performance.now(); at < units.length; ) {
        if (now >= until) return false;
        const end = reach(until - now);
        const { executable, step } = units[at]!;
        const from = at;
        // Where this throws, the next run is a new one.
        at = 0;
        if (step.stages) team.command(executable.module, step.stages[0], units[end - 1]!.step.stages![1]);
        else runStep(executable.bound(step.index));
        at = end;
        const took = performance.now() - now;
        correct(milliseconds, from, end, took);
        now += took;
      }
      at = 0;
      onDone();
      return true;
    },
  };
}

/** Spreads what some units took over them as they were expected to share it. */
function correct(milliseconds: Float64Array, from: number, to: number, took: number): void {
  let expected = 0;
  for (let unit = from; unit < to; unit += 1) expected += milliseconds[unit]!;
  if (expected === Infinity || expected === 0) {
    for (let unit = from; unit < to; unit += 1) milliseconds[unit] = took / (to - from);
    return;
  }
  const factor = 0.7 + 0.3 * (took / expected);
  for (let unit = from; unit < to; unit += 1) milliseconds[unit]! *= factor;
}

export function recordUnits(team: Team, queue: Queue, executables: readonly CpuExecutable[], watched: Watched | undefined): Recording {
  const units = unitsOf(executables);
  let rows: number[] = [];
  const job = createRun(team, units, () => {
    if (watched) rows.push(...new Float32Array(executables[0]!.copy(watched)));
  });
  return {
    dispatches: units.length,
    submits: 1,
    run: () => queue.push(job),
    pace: () => queue.pace(),
    collect: async () => {
      await queue.settled();
      const collected = Float32Array.from(rows);
      rows = [];
      return collected;
    },
    destroy: () => {},
  };
}
