/**
 * What a choosable model is: fields, and a function from settings to a decoder config. Sizes that do not fit together come
 * back as sentences that name the nearest sizes that do; the page shows them before Train.
 */
import type { z } from "zod";
import { LARGEST_HEAD } from "../../engine/ops/attention/attention";
import { describeFields, problemWith } from "../../settings/field";
import type { DecoderConfig } from "./decoder";
import { WIDTH_RANGE } from "./fields";

export type Configured =
  | { readonly ok: true; readonly config: DecoderConfig }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface Model {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly settings: z.ZodObject;
  /** `settings` may hold more than this model's own fields. */
  readonly configure: (settings: unknown, vocabularySize: number) => Configured;
}

/** A config in the making: 0 stands for "choose for me". */
type Draft = Omit<DecoderConfig, "vocabularySize">;

interface Definition<S extends z.ZodObject> extends Omit<Model, "configure" | "settings"> {
  readonly settings: S;
  readonly draft: (settings: z.infer<S>) => Draft;
}

export function defineModel<S extends z.ZodObject>({ draft, settings: schema, ...entry }: Definition<S>): Model {
  return {
    ...entry,
    settings: schema,
    configure: (settings, vocabularySize) => {
      const parsed = schema.safeParse(settings);
      if (!parsed.success) return { ok: false, problems: fieldProblems(schema, settings) };
      const config = complete(draft(parsed.data), vocabularySize);
      const problems = sizeProblems(config);
      return problems.length > 0 ? { ok: false, problems } : { ok: true, config };
    },
  };
}

function complete(draft: Draft, vocabularySize: number): DecoderConfig {
  return {
    ...draft,
    vocabularySize,
    keyValueHeads: draft.keyValueHeads === 0 ? draft.heads : draft.keyValueHeads,
    hiddenWidth: draft.hiddenWidth === 0 ? standardHiddenWidth(draft) : draft.hiddenWidth,
  };
}

/** GPT's 4·C; for SwiGLU, with its three matrices, 8/3·C, which has as many weights, rounded up to a multiple of 8. */
export function standardHiddenWidth({ width, feedForward }: Pick<DecoderConfig, "width" | "feedForward">): number {
  return feedForward === "gelu" ? 4 * width : Math.ceil((8 * width) / 3 / 8) * 8;
}

/** One sentence for each field out of its range. */
function fieldProblems(schema: z.ZodObject, settings: unknown): string[] {
  const given = new Map<string, unknown>(typeof settings === "object" && settings !== null ? Object.entries(settings) : []);
  return describeFields(schema).flatMap((field) => problemWith(field, given.has(field.id) ? given.get(field.id) : field.default) ?? []);
}

function sizeProblems({ width, heads, keyValueHeads, positions }: DecoderConfig): string[] {
  const problems: string[] = [];
  // Rotary positions turn pairs, so a head must have an even width.
  const unit = positions === "rotary" ? 2 * heads : heads;
  if (width % unit !== 0) {
    const share = positions === "rotary" ? `${heads} heads of even width` : `${heads} heads`;
    problems.push(`Width: ${width} cannot be split into ${share}. Try ${nearestMultiples(width, unit)}.`);
  }
  if (width / heads > LARGEST_HEAD) {
    problems.push(`Width: ${width} gives ${heads} ${heads === 1 ? "head" : "heads"} more than ${LARGEST_HEAD} numbers each. Try ${LARGEST_HEAD * heads}, or more heads.`);
  }
  if (heads % keyValueHeads !== 0) {
    const divisors = Array.from({ length: heads }, (_, index) => index + 1).filter((count) => heads % count === 0);
    const nearest = divisors.reduce((best, count) => (Math.abs(count - keyValueHeads) <= Math.abs(best - keyValueHeads) ? count : best));
    problems.push(`Key-value heads: ${heads} heads cannot share ${keyValueHeads} key-value heads evenly. Try ${nearest}.`);
  }
  return problems;
}

function nearestMultiples(value: number, unit: number): string {
  const below = Math.floor(value / unit) * unit;
  const allowed = [below, below + unit].filter((width) => width >= WIDTH_RANGE.min && width <= WIDTH_RANGE.max);
  return allowed.join(" or ");
}
