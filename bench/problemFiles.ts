/**
 * The problem as files, for a program in another language. In: a size, a folder. Out: problem.json and a file of numbers for each weight; and
 * what writes the windows of the next steps beside them, before each time that they are asked for.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createWindows, makeProblem } from "./problem";
import type { WriteProblem } from "./result";

export const writeProblem: WriteProblem = (folder, name, isSlow, batch) => {
  const problem = makeProblem(name, isSlow, batch);
  const { text: _, weights, ...facts } = problem;
  const list = Object.entries(weights).map(([name, { shape, decay }]) => ({ name, shape, decay }));
  writeFileSync(join(folder, "problem.json"), JSON.stringify({ ...facts, weights: list }));
  for (const [name, { data }] of Object.entries(weights)) writeFileSync(join(folder, `${name}.f32`), data);
  const windows = createWindows(problem);
  let next = 0;
  return (steps) => {
    const size = problem.batch * problem.time;
    const numbers = new Int32Array(2 * size * steps);
    for (let step = 0; step < steps; step += 1) {
      const { ids, targets } = windows(next++);
      numbers.set(ids, 2 * size * step);
      numbers.set(targets, 2 * size * step + size);
    }
    writeFileSync(join(folder, "windows.i32"), numbers);
  };
};
