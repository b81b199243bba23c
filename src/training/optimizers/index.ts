/** The optimizers that can be chosen. Adding one: its file, its line here. */
import { adam } from "./adam";
import { adamw } from "./adamw";
import type { Optimizer } from "./optimizer";
import { sgd } from "./sgd";

export const OPTIMIZERS: readonly Optimizer[] = [adamw, adam, sgd];
