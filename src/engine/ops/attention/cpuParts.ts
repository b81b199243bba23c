/**
 * Adds what blocks of keys found for the same queries. In: in shared memory, dq of each part of a head's keys, [parts, B, H, T, D] with D
 * rounded up to panels. Out: a phase that writes dq, always in the order of the keys; a part that a row does not see was not written.
 */
import { type Statement, addInt, all, choose, divInt, f32x4, forRange, int, less, loadVector, minInt, mulInt, remInt, set, storeVector } from "../../wasm/code";
import type { Phase } from "../../wasm/kernel";
import { type BackwardPlan, copyHead, headAt, lengthOf } from "./cpuPlan";

/** Numbers that a block adds up. */
const BLOCK_NUMBERS = 16384;

export function addPartsPhase(plan: BackwardPlan): Phase {
  const { B, T, heads, parts, keys, columnBytes, causal } = plan;
  const rowsInBlock = Math.max(1, Math.floor(BLOCK_NUMBERS / ((parts * columnBytes) / 4)));
  const blocksOfHead = Math.ceil(T / rowsInBlock);
  const partBytes = B * heads * T * columnBytes;
  return {
    blocks: B * heads * blocksOfHead,
    write: (scope, { block, inputs, outputs: [dQkv], shared, own }) => {
      const [batch, head, length, row, first, end, from, byte, part, at] = Array.from({ length: 10 }, () => scope.local("i32"));
      const sum = scope.local("v128");
      const whole = divInt(block, blocksOfHead);
      const seen = causal ? addInt(divInt(row!, keys), 1) : int(parts);
      const existing = minInt(seen, divInt(addInt(length!, keys - 1), keys));
      const add: Statement = all(
        set(sum, f32x4.of(0)),
        set(at!, addInt(from!, byte!)),
        forRange(part!, 0, end!, 1, all(set(sum, f32x4.add(sum, loadVector(at!))), set(at!, addInt(at!, partBytes)))),
        storeVector(addInt(own, byte!), sum),
      );
      return all(
        set(head!, remInt(whole, heads)),
        set(batch!, divInt(whole, heads)),
        set(length!, lengthOf(plan, inputs, batch!)),
        set(first!, mulInt(remInt(block, blocksOfHead), rowsInBlock)),
        forRange(row!, first!, minInt(addInt(first!, rowsInBlock), T), 1, all(
          set(from!, addInt(shared, mulInt(addInt(mulInt(whole, T), row!), columnBytes))),
          set(end!, choose(existing, int(0), less(row!, length!))),
          forRange(byte!, 0, columnBytes, 16, add),
          copyHead(scope, plan, own, headAt(plan, dQkv!, batch!, row!, head!)),
        )),
      );
    },
  };
}
