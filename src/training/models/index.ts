/** The models that can be chosen. Adding one: its file, its line here. */
import { custom } from "./custom";
import { gpt } from "./gpt";
import { llama } from "./llama";
import type { Model } from "./model";

export const MODELS: readonly Model[] = [gpt, llama, custom];
