/**
 * The columns of a Parquet file as a tree. In: the footer's flat list of schema elements. Out: the tree with levels, and the same schema
 * without names and annotations: hyparquet then hands over physical values, which `cells.ts` spells exactly, and no name a file brings
 * ever becomes a key of an object.
 */
import type { SchemaElement } from "hyparquet";

export interface SchemaNode {
  readonly name: string;
  readonly element: SchemaElement;
  readonly children: readonly SchemaNode[];
  /** Name in the plain schema. */
  readonly key: string;
  readonly path: readonly string[];
  readonly plainPath: readonly string[];
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

export interface ParquetSchema {
  readonly columns: readonly SchemaNode[];
  /** In the order of a row group's column chunks. */
  readonly leaves: readonly SchemaNode[];
  readonly plain: SchemaElement[];
}

const DEEPEST = 64;
const MOST_COLUMNS = 10_000;

export function readSchema(elements: readonly SchemaElement[]): ParquetSchema {
  const root = elements[0];
  if (!root?.num_children) throw new Error("it has no columns");
  if (elements.length > 4 * MOST_COLUMNS) throw new Error(`its schema has ${elements.length.toLocaleString("en")} parts, more than are read here`);
  let next = 1;
  const leaves: SchemaNode[] = [];
  const read = (parent: Pick<SchemaNode, "path" | "plainPath" | "maxDefinition" | "maxRepetition">): SchemaNode => {
    const index = next++;
    const element = elements[index];
    if (!element) throw new Error("its schema breaks off");
    if (parent.path.length >= DEEPEST) throw new Error("its columns are nested too deeply");
    const key = `e${index}`;
    const place = {
      path: [...parent.path, element.name], plainPath: [...parent.plainPath, key],
      maxDefinition: parent.maxDefinition + (element.repetition_type === "REQUIRED" ? 0 : 1),
      maxRepetition: parent.maxRepetition + (element.repetition_type === "REPEATED" ? 1 : 0),
    };
    const count = element.num_children ?? 0;
    if (count > elements.length - next) throw new Error("its schema breaks off");
    if (count === 0 && element.type === undefined) throw new Error(`column "${element.name}" has neither a type nor parts`);
    const children = Array.from({ length: count }, () => read(place));
    const node = { name: element.name, element, children, key, ...place };
    if (count === 0) leaves.push(node);
    return node;
  };
  const top = { path: [], plainPath: [], maxDefinition: 0, maxRepetition: 0 };
  if (root.num_children > elements.length - 1) throw new Error("its schema breaks off");
  const columns = Array.from({ length: root.num_children }, () => read(top));
  if (columns.length > MOST_COLUMNS) throw new Error(`it has ${columns.length.toLocaleString("en")} columns; ${MOST_COLUMNS.toLocaleString("en")} are read at most`);
  return { columns, leaves, plain: elements.slice(0, next).map((element, index) => plainElement(element, index)) };
}

function plainElement({ type, type_length, repetition_type, num_children }: SchemaElement, index: number): SchemaElement {
  return {
    name: `e${index}`,
    ...(type === undefined ? {} : { type }), ...(type_length === undefined ? {} : { type_length }),
    ...(repetition_type === undefined ? {} : { repetition_type }), ...(num_children === undefined ? {} : { num_children }),
  };
}

export const isFlat = (node: SchemaNode): boolean => node.children.length === 0 && node.element.repetition_type !== "REPEATED";

export const leavesOf = (node: SchemaNode): SchemaNode[] => (node.children.length === 0 ? [node] : node.children.flatMap(leavesOf));

export function isAnnotated({ element }: SchemaNode, kind: "LIST" | "MAP" | "VARIANT"): boolean {
  return element.logical_type?.type === kind || element.converted_type === kind || (kind === "MAP" && element.converted_type === "MAP_KEY_VALUE");
}
