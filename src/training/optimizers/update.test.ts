/** What the compiler makes of an update: one kernel over each group of parameters, in place, besides the sums of the norm. */
import { expect, test } from "vitest";
import { compile } from "../../engine/compiler/compile";
import { leaf } from "../../engine/graph/leaf";
import { f32 } from "../../engine/graph/value";
import { SCHEDULES } from "../schedules/index";
import { applyUpdate, firstOf } from "./applyUpdate";
import { OPTIMIZERS } from "./index";

const SIZES = [8192, 1024];
const OFFSETS = [0, 4 * 8192];

test.each(OPTIMIZERS.map((optimizer) => [optimizer.id, optimizer] as const))("%s is one kernel for each group", (id, optimizer) => {
  for (const schedule of SCHEDULES) {
    const of = (name: string, group: number) => leaf(`${name}${group}`, f32(SIZES[group]!), { arena: name, offset: OFFSETS[group]! });
    const groups = SIZES.map((_, group) => ({
      parameter: of("parameters", group), gradient: of("gradients", group), decay: firstOf(group === 0 ? 4096 : 0, SIZES[group]!),
      state: Object.fromEntries(optimizer.state.map((moment) => [moment, of(moment, group)])),
    }));
    const plan = { optimizer, schedule, settings: {}, peak: 0.1, steps: 1000, clip: 1, accumulation: 2 };
    const applied = applyUpdate(plan, groups, leaf("step", f32(), { arena: "feed", offset: 0 }));
    const outputs = applied.groups.flatMap(({ parameter, state }, group) => [
      { name: `parameters${group}`, value: parameter, storage: { arena: "parameters", offset: OFFSETS[group]! } },
      ...optimizer.state.map((moment) => ({ name: `${moment}${group}`, value: state[moment]!, storage: { arena: moment, offset: OFFSETS[group]! } })),
    ]);
    const program = compile("update", [...outputs, { name: "norm", value: applied.gradientNorm }, { name: "rate", value: applied.learningRate }]);
    for (const [group, offset] of OFFSETS.entries()) {
      const writers = program.steps.flatMap(({ dispatches }) => dispatches).filter(({ kernel, ranges }) =>
        ranges.some((range, at) => range.buffer === "parameters" && range.offset === offset && program.kernels[kernel]!.access[at] === "w"));
      expect(writers).toHaveLength(1);
      // Parameters and moments are read and written in place: bound once each, beside the gradient and a few scalars.
      const buffers = writers[0]!.ranges.map(({ buffer }) => buffer);
      for (const buffer of ["parameters", ...optimizer.state]) expect(buffers.filter((name) => name === buffer)).toHaveLength(1);
      expect(buffers.length).toBeLessThanOrEqual(8);
      expect(writers[0]!.ranges.find(({ buffer }) => buffer === "gradients")!.bytes).toBe(4 * SIZES[group]!);
    }
    // Nothing as large as a group is stored on the way.
    const large = program.steps.filter(({ outputs }) => outputs.some(({ shape }) => shape[0] === SIZES[0]));
    expect(large, id).toHaveLength(1);
  }
});
