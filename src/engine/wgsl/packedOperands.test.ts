import { expect, test } from "vitest";
import { type Kernel, codeWithLengths, itemKernel, read, write } from "./kernel";
import { canWritePacked, withPackedOperands } from "./packedOperands";

const kernelOf = (element: "f32" | "vec4f", body: string): Kernel =>
  itemKernel({ label: "test", bindings: { x: read(element), max: read("f32"), y: write(element) }, workgroupSize: 1, items: 1, body });

test("reads go through a function that unpacks, whatever their index", () => {
  const { code, operands } = withPackedOperands(kernelOf("vec4f", "  y[item] = x[u32(x[item].y) + xx[x[1].x][2]][1];"), new Set(["x"]));
  expect(code).toContain("y[item] = unpacked_x(u32(unpacked_x(item).y) + xx[unpacked_x(1).x][2])[1];");
  expect(code).toContain("x: array<vec2u>;");
  expect(code).toContain("fn unpacked_x(index: u32) -> vec4f");
  expect(operands.map(({ element }) => element)).toEqual(["vec2u", "f32", "vec4f"]);
});

test("writes round their value", () => {
  const { code } = withPackedOperands(kernelOf("vec4f", "  if (item == 0u) { y[item] = select(x[item], x[0], true); }"), new Set(["y"]));
  expect(code).toContain("{ y[item] = packFours(select(x[item], x[0], true)); }");
});

test("a name that ends another is not taken for it", () => {
  const { code } = withPackedOperands(kernelOf("f32", "  y[item] = max[0] + fmax[0];"), new Set(["max"]));
  expect(code).toContain("y[item] = unpacked_max(0) + fmax[0];");
});

test.each([
  ["vec4f", "  y[item] = x[item];", true],
  ["f32", "  y[item] = x[item];", false],
  ["vec4f", "  y[item] += x[item];", false],
  ["vec4f", "  y[item] = x[item];\n  y[item + 1u] = y[item];", false],
  ["vec4f", "  if (all(y[item] == x[item])) { y[item] = x[item]; }", false],
] as const)("%s: %s can be written packed: %s", (element, body, can) => expect(canWritePacked(kernelOf(element, body), "y")).toBe(can));

test("the lengths of arrays are found by the packed elements", () => {
  const kernel = withPackedOperands(kernelOf("vec4f", "  y[item] = x[item];"), new Set(["x", "y"]));
  expect(codeWithLengths(kernel, [64, 4, 64])).toContain("array<vec2u, 8>");
  expect(withPackedOperands(kernel, new Set())).toBe(kernel);
});

test("u32s are not packed", () => {
  const kernel = itemKernel({ label: "test", bindings: { x: read("u32"), y: write("f32") }, workgroupSize: 1, items: 1, body: "  y[item] = f32(x[item]);" });
  expect(() => withPackedOperands(kernel, new Set(["x"]))).toThrow('"x" holds u32');
});
