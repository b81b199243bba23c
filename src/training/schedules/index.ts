/** The learning-rate schedules that can be chosen. Adding one: its file, its line here. */
import { constant } from "./constant";
import { cosine } from "./cosine";
import { linear } from "./linear";
import type { Schedule } from "./schedule";
import { step } from "./step";

export const SCHEDULES: readonly Schedule[] = [cosine, linear, constant, step];
