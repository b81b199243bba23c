/**
 * Lists, maps and structs as JSON text. In: a value as hyparquet assembles it from the plain schema (groups as objects by plain name,
 * repeated ones as arrays), and its place in the schema. Out: the text, with the file's own names, whole numbers with all their digits.
 * Old ways to spell a list: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
 */
import { createLeaf } from "./cells";
import { isAnnotated, type SchemaNode } from "./schema";

export type Spell = (value: unknown) => string;

const ABSENT = "null";

export function createSpeller(node: SchemaNode): Spell {
  const one = node.element.repetition_type === "REPEATED" ? listOf(createOne(node)) : createOne(node);
  return (value) => (value === null || value === undefined ? ABSENT : one(value));
}

function createOne(node: SchemaNode): Spell {
  if (node.children.length === 0) return createLeafSpeller(node);
  const [inner] = node.children;
  const isWrapper = node.children.length === 1 && inner?.element.repetition_type === "REPEATED";
  if (isWrapper && isAnnotated(node, "LIST")) return unwrapped(inner, listOf(orNull(createItem(node, inner))));
  if (isWrapper && isAnnotated(node, "MAP") && inner.children.length === 2) return unwrapped(inner, createMap(inner));
  const parts = node.children.map((child) => ({ key: child.key, prefix: `${JSON.stringify(child.name)}:`, spell: createSpeller(child) }));
  return (value) => `{${parts.map(({ key, prefix, spell }) => prefix + spell(member(value, key))).join(",")}}`;
}

const orNull = (spell: Spell): Spell => (value) => (value === null || value === undefined ? ABSENT : spell(value));

const listOf = (spell: Spell): Spell => (value) => `[${membersOf(value).map((item) => (item === null || item === undefined ? ABSENT : spell(item))).join(",")}]`;

/** The group around a list or map has one part, the repeated one. */
const unwrapped = (inner: SchemaNode, spell: Spell): Spell => (value) => spell(member(value, inner.key) ?? []);

/** The standard list has a repeated group of one field around each item; older ones repeat the item itself. */
function createItem(list: SchemaNode, repeated: SchemaNode): Spell {
  const [item] = repeated.children;
  const isItself = !item || repeated.children.length > 1 || repeated.name === "array" || repeated.name === `${list.name}_tuple`;
  if (isItself) return createOne(repeated);
  const spell = createSpeller(item);
  return (value) => spell(member(value, item.key));
}

/** An object where all keys are texts and differ; else pairs, so that nothing is lost. */
function createMap(pairs: SchemaNode): Spell {
  const [key, value] = pairs.children as [SchemaNode, SchemaNode];
  const [spellKey, spellValue] = [createSpeller(key), createSpeller(value)];
  return (entries) => {
    const spelled = membersOf(entries).map((entry): [string, string] => [spellKey(member(entry, key.key)), spellValue(member(entry, value.key))]);
    const isObject = spelled.every(([name]) => name.startsWith('"')) && new Set(spelled.map(([name]) => name)).size === spelled.length;
    return isObject ? `{${spelled.map(([name, content]) => `${name}:${content}`).join(",")}}` : `[${spelled.map(([name, content]) => `[${name},${content}]`).join(",")}]`;
  };
}

function createLeafSpeller(node: SchemaNode): Spell {
  const leaf = createLeaf(node.element);
  return (value) => {
    const cell = leaf.cell(value);
    if (typeof cell === "bigint" || leaf.kind === "json") return String(cell);
    return typeof cell === "number" && !Number.isFinite(cell) ? ABSENT : JSON.stringify(cell ?? null);
  };
}

const membersOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : ArrayBuffer.isView(value) && !(value instanceof Uint8Array) ? Array.from(value as unknown as ArrayLike<unknown>) : []);
const member = (value: unknown, key: string): unknown => (value === null || typeof value !== "object" ? undefined : (value as Record<string, unknown>)[key]);
