/**
 * A field is one thing a user can choose: a zod schema whose metadata carries the label, the help line, the unit and the
 * safe range. In: the constructors below. Out: `describeFields` turns a schema into plain data that crosses to the page,
 * which draws the form from it; `schemaOf` turns that data back into a schema, so page and worker validate alike.
 */
import { z } from "zod";

// zod's compiled fast path needs `new Function`, which the page's Content-Security-Policy forbids.
z.config({ jitless: true });

export type FieldValue = number | string | boolean;
export type FieldGroup = "Data" | "Model" | "Training" | "Sampling" | "Machine";

export interface Option {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
}

interface FieldText {
  /** Accessible name of the control. */
  readonly label: string;
  /** One line: what it does and which way to turn it. */
  readonly help: string;
  readonly group: FieldGroup;
  readonly unit?: string;
  /** Shown only when the panel is opened fully. */
  readonly advanced?: boolean;
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
  /** Logarithmic fields step by factors (1, 2, 5, 10 …). */
  readonly scale?: "linear" | "logarithmic";
}

export type Field = { readonly id: string } & FieldText &
  (
    | ({ readonly kind: "integer" | "decimal" } & NumberRange)
    | { readonly kind: "choice"; readonly options: readonly Option[]; readonly default: string }
    | { readonly kind: "toggle"; readonly default: boolean }
    | { readonly kind: "text"; readonly maxLength: number; readonly default: string }
  );

type FieldMeta = Field extends infer F ? (F extends Field ? Omit<F, "id"> : never) : never;

function withMeta<S extends z.ZodType>(schema: S, meta: FieldMeta): z.ZodDefault<S> {
  return schema.default(meta.default as never).meta({ field: meta }) as z.ZodDefault<S>;
}

export function integer(meta: FieldText & NumberRange): z.ZodDefault<z.ZodInt> {
  return withMeta(z.int().min(meta.min).max(meta.max), { kind: "integer", ...meta });
}

export function decimal(meta: FieldText & NumberRange): z.ZodDefault<z.ZodNumber> {
  return withMeta(z.number().min(meta.min).max(meta.max), { kind: "decimal", ...meta });
}

export function toggle(meta: FieldText & { readonly default: boolean }): z.ZodDefault<z.ZodBoolean> {
  return withMeta(z.boolean(), { kind: "toggle", ...meta });
}

export function text(meta: FieldText & { readonly default: string; readonly maxLength: number }): z.ZodDefault<z.ZodString> {
  return withMeta(z.string().max(meta.maxLength), { kind: "text", ...meta });
}

/** A choice whose options are known where the field is written. */
export function choice<const Id extends string>(
  meta: FieldText & { readonly options: readonly (Option & { readonly id: Id })[]; readonly default: Id },
): z.ZodDefault<z.ZodEnum<Record<Id, Id>>> {
  const ids = meta.options.map((option) => option.id) as [Id, ...Id[]];
  return withMeta(z.enum(ids), { kind: "choice", ...meta }) as unknown as z.ZodDefault<z.ZodEnum<Record<Id, Id>>>;
}

/** A choice among the entries of a registry, which only the worker knows; the catalog fills the options in. */
export function registryChoice(meta: FieldText & { readonly default: string }): z.ZodDefault<z.ZodString> {
  return withMeta(z.string().min(1).max(200), { kind: "choice", options: [], ...meta });
}

/** The fields of an object schema as plain data, in the order they were written. */
export function describeFields(schema: z.ZodObject): Field[] {
  return Object.entries(schema.shape).map(([id, member]) => {
    const meta = (member as z.ZodType).meta()?.["field"] as FieldMeta | undefined;
    if (!meta) throw new Error(`Setting "${id}" has no label, help and default; build it with field.ts.`);
    return { id, ...meta } as Field;
  });
}

/** The validator of one described field. */
export function schemaOf(field: Field): z.ZodType<FieldValue> {
  switch (field.kind) {
    case "integer":
      return z.int().min(field.min).max(field.max);
    case "decimal":
      return z.number().min(field.min).max(field.max);
    case "toggle":
      return z.boolean();
    case "text":
      return z.string().max(field.maxLength);
    case "choice":
      return field.options.length === 0
        ? z.string().min(1)
        : z.string().refine((id) => field.options.some((option) => option.id === id));
    default:
      return field satisfies never;
  }
}

/** What is wrong with a value, in words that name the field, the cause and the nearest valid value; undefined if it is fine. */
export function problemWith(field: Field, value: unknown): string | undefined {
  if (schemaOf(field).safeParse(value).success) return undefined;
  const shown = typeof value === "string" ? `"${value.slice(0, 40)}"` : String(value);
  switch (field.kind) {
    case "integer":
    case "decimal": {
      const range = `${field.min} to ${field.max}${field.unit ? ` ${field.unit}` : ""}`;
      const kind = field.kind === "integer" ? "a whole number" : "a number";
      return `${field.label}: ${shown} is not ${kind} from ${range}. Try ${nearest(field, value)}.`;
    }
    case "choice":
      return `${field.label}: ${shown} is not one of ${field.options.map((option) => option.label).join(", ")}.`;
    case "toggle":
      return `${field.label}: ${shown} is neither on nor off.`;
    case "text":
      return `${field.label}: the text is longer than ${field.maxLength} characters.`;
    default:
      return field satisfies never;
  }
}

function nearest(field: { kind: string } & NumberRange, value: unknown): number {
  if (typeof value !== "number" || Number.isNaN(value)) return field.default;
  const inside = Math.min(field.max, Math.max(field.min, value));
  return field.kind === "integer" ? Math.round(inside) : inside;
}
