/**
 * Leaves: what a graph reads. In: a name, a type and, where the value lives in an arena, its place. Out: a value without
 * inputs. `scalar` is a constant that kernels write as a literal; see ops/elementwise.
 */
import { defineOp } from "./op";
import { type Storage, type TensorType, type Value, applyOne } from "./value";

export const leafOp = defineOp({
  name: "leaf",
  inputs: [],
  outputs: ["value"],
  infer: (_, attributes) => [{ shape: attributes["shape"] as number[], dtype: attributes["dtype"] as "f32" | "u32" }],
  reference: ({ attributes }) => {
    throw new Error(`No data was given for the leaf "${String(attributes["name"])}".`);
  },
  lower: () => ({ kernels: [] }),
});

export function leaf(name: string, type: TensorType, storage?: Storage): Value {
  const place = storage ? { arena: storage.arena, offset: storage.offset } : {};
  return applyOne(leafOp, [], { name, shape: type.shape, dtype: type.dtype, ...(type.packed ? { packed: [0] } : {}), ...place });
}

export const isLeaf = (value: Value): boolean => value.node.op === leafOp;

export const leafName = (value: Value): string => String(value.node.attributes["name"]);

export function leafStorage(value: Value): Storage | undefined {
  const { arena, offset } = value.node.attributes;
  return typeof arena === "string" && typeof offset === "number" ? { arena, offset } : undefined;
}
