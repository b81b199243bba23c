/** The table of op cases: every op over shapes at the edges of its kernels. Node and browser tests walk the same rows. */
import { attentionCases } from "./cases/attention";
import { elementwiseCases } from "./cases/elementwise";
import { matmulCases } from "./cases/matmul";
import { memoryCases } from "./cases/memory";
import { movementCases } from "./cases/movement";
import { rowCases } from "./cases/rows";
import { tokenCases } from "./cases/tokens";
import type { OpCase } from "./opCase";

export const opCases: readonly OpCase[] = [...elementwiseCases, ...movementCases, ...matmulCases, ...rowCases, ...tokenCases, ...memoryCases, ...attentionCases];

export const casesOf = (...ops: readonly string[]): readonly OpCase[] => opCases.filter((one) => ops.includes(one.op));
