/** Products on the browser's GPU: every case untuned, every variant that the family lists, and the shapes of a model. */
import { afterAll, describe, expect, test } from "vitest";
import type { Work } from "../../graph/kernelFamily";
import type { Target } from "../../graph/op";
import { EDGE_EXTENTS, edgeCase, matmulCases } from "../../testing/cases/matmul";
import { checkManyKernels } from "../../testing/checkOp";
import { type OpCase, buildCase, floats, summed } from "../../testing/opCase";
import { gpuRuntime, runOnGpu } from "../../testing/runGraph";
import type { MatmulExtents } from "./extents";
import { matmulFamily } from "./family";
import { matmul } from "./matmul";

afterAll(async () => (await gpuRuntime()).destroy());

/** Forward only: a gradient of a product is a product of another layout, and those are cases anyway. */
const checkAll = (cases: readonly OpCase[], target: Partial<Target> = {}): Promise<string[]> =>
  checkManyKernels(cases.map((one) => ({ ...one, by: [] })), (outputs, data) => runOnGpu(outputs, data, target));

test("every case, as nobody has tuned it", async () => expect(await checkAll(matmulCases)).toEqual([]));

const workOf = (one: OpCase): Work => {
  const { node } = buildCase(one).outputs[0]!;
  return { inputTypes: node.inputs, outputTypes: node.outputs, attributes: node.attributes };
};

/** What each variant is run on: all three layouts, alternately with rows in fours and without. */
function casesByVariant(target: Target): Map<string, OpCase[]> {
  const found = new Map<string, Map<string, OpCase>>();
  for (const extents of EDGE_EXTENTS) for (const layout of ["NN", "NT", "TN"] as const) {
    const one = edgeCase(layout, extents);
    for (const id of matmulFamily.variants(workOf(one), target)) {
      if (!found.has(id)) found.set(id, new Map());
      const kind = `${layout} ${extents.N % 4 === 0}`;
      if (!found.get(id)!.has(kind)) found.get(id)!.set(kind, one);
    }
  }
  return new Map([...found].map(([id, kinds], index) => {
    const wanted = index % 2 === 0 ? ["NN true", "NT false", "TN true"] : ["NN false", "NT true", "TN false"];
    return [id, [...kinds].filter(([kind]) => wanted.includes(kind)).map(([, one]) => one)];
  }));
}

const checked = new Set<string>();

async function checkVariants(limits: Partial<Target>): Promise<{ wrong: string[]; ids: string[] }> {
  const byVariant = casesByVariant({ ...(await gpuRuntime()).target, ...limits });
  const wrong: string[] = [];
  for (const [id, cases] of byVariant) {
    if (checked.has(id)) continue;
    checked.add(id);
    expect(cases.length).toBeGreaterThan(0);
    const target = { ...limits, choices: { matmul: id } };
    wrong.push(...(await checkAll(cases, target)).map((sentence) => `${id}: ${sentence}`));
  }
  return { wrong, ids: [...byVariant.keys()] };
}

describe("every variant gives the numbers of the product", () => {
  test("with what the adapter has", async () => {
    const { wrong, ids } = await checkVariants({});
    expect(wrong).toEqual([]);
    expect(ids.filter((id) => id.startsWith("quads")).length).toBeGreaterThanOrEqual(3);
  });
  test("without subgroups", async () => {
    const { wrong, ids } = await checkVariants({ subgroupSize: 0 });
    expect(wrong).toEqual([]);
    expect(ids.filter((id) => id.startsWith("workgroup")).length).toBeGreaterThanOrEqual(3);
    expect(ids.filter((id) => id.includes("/")).length).toBeGreaterThanOrEqual(3);
    // A software adapter takes long to compile barriers, and longer on a busy machine.
  }, 300_000);
});

/** Outputs and inputs of the linear layers of the reference model M; its 1024 rows are cut to 256, which every tile divides as well. */
const LAYERS = [[384, 128], [128, 128], [512, 128], [128, 512], [65, 128]] as const;
const ROWS = 256;

test("the products of a model", async () => {
  const product = (layout: MatmulExtents["layout"], a: readonly [number, number], b: readonly [number, number], K: number): OpCase => ({
    op: "matmul", name: `${layout} ${a.join("x")}, ${b.join("x")}`, by: [], tolerance: summed(K), onGpu: true,
    inputs: { a: floats(61, a), b: floats(62, b) }, build: (given) => [matmul(given["a"]!, given["b"]!, layout)],
  });
  expect(await checkAll(LAYERS.flatMap(([outputs, inputs]) => [
    product("NT", [ROWS, inputs], [outputs, inputs], inputs),
    product("NN", [ROWS, outputs], [outputs, inputs], outputs),
    product("TN", [ROWS, outputs], [ROWS, inputs], ROWS),
  ]))).toEqual([]);
});
