/** Every variant that the family lists, on the browser's GPU, over every case it is listed for; then at the shapes of a model. */
import { afterAll, describe, expect, test } from "vitest";
import type { Work } from "../../graph/kernelFamily";
import type { Target } from "../../graph/op";
import { matmulCases } from "../../testing/cases/matmul";
import { checkKernels } from "../../testing/checkOp";
import { type OpCase, buildCase, floats, summed } from "../../testing/opCase";
import { gpuRuntime, runOnGpu } from "../../testing/runGraph";
import { matmulFamily } from "./family";
import { matmul } from "./matmul";

afterAll(async () => (await gpuRuntime()).destroy());

const workOf = (one: OpCase): Work => {
  const { node } = buildCase(one).outputs[0]!;
  return { inputTypes: node.inputs, outputTypes: node.outputs, attributes: node.attributes };
};

/** Of each kind (layout, epilogue, sums) so many cases are run in each variant, the last and largest ones. A gradient is a product of another layout. */
const PER_KIND = 1;
const kindOf = ({ name }: OpCase): string => name.split("[")[0]!;

/** Cases by the ids of the variants that are listed for them. */
function casesByVariant(cases: readonly OpCase[], target: Target): Map<string, OpCase[]> {
  const found = new Map<string, OpCase[]>();
  for (const one of cases.toReversed()) {
    for (const id of matmulFamily.variants(workOf(one), target)) {
      const listed = found.get(id) ?? [];
      if (listed.filter((other) => kindOf(other) === kindOf(one)).length < PER_KIND) found.set(id, [...listed, { ...one, by: [] }]);
    }
  }
  return found;
}

async function checkVariants(cases: readonly OpCase[], limits: Partial<Target>): Promise<{ wrong: string[]; ids: string[] }> {
  const byVariant = casesByVariant(cases, { ...(await gpuRuntime()).target, ...limits });
  const wrong: string[] = [];
  for (const [id, listed] of byVariant) {
    const target = { ...limits, choices: { matmul: id } };
    const found = await Promise.all(listed.map((one) => checkKernels(one, (outputs, data) => runOnGpu(outputs, data, target))));
    wrong.push(...found.flat().map((sentence) => `${id}: ${sentence}`));
  }
  return { wrong, ids: [...byVariant.keys()] };
}

test("every case, as nobody has tuned it", async () => {
  const wrong: string[] = [];
  for (const one of matmulCases) wrong.push(...(await checkKernels(one, runOnGpu)));
  expect(wrong).toEqual([]);
});

describe("every variant gives the numbers of the product", () => {
  test("with what the adapter has", async () => {
    const { wrong, ids } = await checkVariants(matmulCases, {});
    expect(wrong).toEqual([]);
    expect(ids.length).toBeGreaterThanOrEqual(5);
  });
  test("without subgroups", async () => {
    const { wrong, ids } = await checkVariants(matmulCases, { subgroupSize: 0 });
    expect(wrong).toEqual([]);
    expect(ids.filter((id) => id.startsWith("workgroup")).length).toBeGreaterThanOrEqual(3);
    expect(ids.filter((id) => id.includes("/")).length).toBeGreaterThanOrEqual(3);
    // Compiling barriers takes a software adapter long: half a minute in all, several on a busy machine.
  }, 600_000);
});

/** Outputs and inputs of the linear layers of the reference model M; its 1024 rows are cut to 256, which every tile divides as well. */
const LAYERS = [[384, 128], [128, 128], [512, 128], [128, 512], [65, 128]] as const;
const ROWS = 256;

test("the products of a model, in every variant the adapter may choose", async () => {
  const product = (layout: "NN" | "NT" | "TN", name: string, a: readonly [number, number], b: readonly [number, number], K: number): OpCase => ({
    op: "matmul", name: `${layout} ${name} [`, by: [], tolerance: summed(K), onGpu: true,
    inputs: { a: floats(61, a), b: floats(62, b) }, build: (given) => [matmul(given["a"]!, given["b"]!, layout)],
  });
  const cases = LAYERS.flatMap(([outputs, inputs]) => [
    product("NT", `forward ${outputs}x${inputs}`, [ROWS, inputs], [outputs, inputs], inputs),
    product("NN", `dX ${outputs}x${inputs}`, [ROWS, outputs], [outputs, inputs], outputs),
    product("TN", `dW ${outputs}x${inputs}`, [ROWS, outputs], [ROWS, inputs], ROWS),
  ]);
  expect((await checkVariants(cases, {})).wrong).toEqual([]);
});
