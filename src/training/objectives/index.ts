/** The objectives that can be chosen. Adding one: its file, its line here. */
import { causalLm } from "./causalLm";
import type { Objective } from "./objective";

export const OBJECTIVES: readonly Objective[] = [causalLm];
