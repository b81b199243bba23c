/**
 * A WebAssembly module from functions as typed trees. In: functions, an imported memory. Out: the module's bytes.
 * Format: https://webassembly.github.io/spec/core/binary/modules.html.
 */
import { type Code, type Local, type Statement, TYPE_BYTES, type ValueType, flatten, unsigned } from "./code";

/** A function under construction. */
export interface Scope {
  /** Whether the engine multiplies and adds with one rounding. */
  readonly fma: boolean;
  /** A variable; it holds 0 until it is set. */
  readonly local: <T extends ValueType>(type: T) => Local<T>;
}

export interface WasmFunction {
  /** Named if the host may call it. */
  readonly name?: string;
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Statement;
}

export interface FunctionOptions {
  readonly parameters: number;
  readonly fma: boolean;
  readonly name?: string;
}

/** A function of so many whole numbers that returns nothing. `write` gets them in order. */
export function defineFunction({ parameters: count, fma, name }: FunctionOptions, write: (scope: Scope, ...parameters: readonly Local<"i32">[]) => Statement): WasmFunction {
  const parameters = Array.from({ length: count }, () => "i32" as const);
  const locals: ValueType[] = [];
  const localAt = <T extends ValueType>(type: T, index: number): Local<T> => ({ type, index, code: [0x20, unsigned(index)] });
  const scope: Scope = {
    fma,
    local: (type) => {
      locals.push(type);
      return localAt(type, parameters.length + locals.length - 1);
    },
  };
  const body = write(scope, ...parameters.map((type, index) => localAt(type, index)));
  return { parameters, locals, body, ...(name === undefined ? {} : { name }) };
}

export interface ModuleMemory {
  readonly isShared: boolean;
  /** Pages of 64 KiB that the memory may have at most; a shared memory says so. */
  readonly maximumPages: number;
}

/** The memory is imported as "env" "memory". The functions numbered in `table` can be called by their place in it. */
export function encodeModule(functions: readonly WasmFunction[], { isShared, maximumPages }: ModuleMemory, table: readonly number[] = []): Uint8Array<ArrayBuffer> {
  const types = new Map<string, number>([[callableType(functions, table), 0]]);
  const typeOf = ({ parameters }: WasmFunction): number => {
    const key = signatureOf(parameters);
    if (!types.has(key)) types.set(key, types.size);
    return types.get(key)!;
  };
  const indices = functions.map(typeOf);
  // What is called by its place takes one signature: that of the first.
  const elements: Code = [0, 0x41, 0, 0x0b, list(table.map(unsigned))];
  const signatures = [...types.keys()].map((key): Code => [0x60, list(key === "" ? [] : key.split(" ").map((type) => TYPE_BYTES[type as ValueType])), 0]);
  const limits: Code = isShared ? [0x03, 0, unsigned(maximumPages)] : [0x00, 0];
  const exported = functions.flatMap(({ name }, index): Code[] => (name === undefined ? [] : [[text(name), 0x00, unsigned(index)]]));
  return Uint8Array.from(
    flatten([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, list(signatures)),
      section(2, list([[text("env"), text("memory"), 0x02, limits]])),
      section(3, list(indices.map(unsigned))),
      table.length > 0 ? section(4, list([[0x70, 0x00, unsigned(table.length)]])) : [],
      section(7, list(exported)),
      table.length > 0 ? section(9, list([elements])) : [],
      section(10, list(functions.map(encodeBody))),
    ]),
  );
}

const signatureOf = (parameters: readonly ValueType[]): string => parameters.join(" ");

/** Type 0 is that of the functions in the table, so that `callPlace` need not know the others. */
function callableType(functions: readonly WasmFunction[], table: readonly number[]): string {
  const signatures = new Set(table.map((index) => signatureOf(functions[index]!.parameters)));
  if (signatures.size > 1) throw new Error("Functions in a table take the same parameters.");
  return [...signatures][0] ?? "";
}

function encodeBody({ locals, body }: WasmFunction): Code {
  const groups: { type: ValueType; count: number }[] = [];
  for (const type of locals) {
    const last = groups.at(-1);
    if (last?.type === type) last.count += 1;
    else groups.push({ type, count: 1 });
  }
  const bytes = flatten([list(groups.map(({ type, count }): Code => [unsigned(count), TYPE_BYTES[type]])), body.code, 0x0b]);
  return [unsigned(bytes.length), bytes];
}

const list = (items: readonly Code[]): Code => [unsigned(items.length), items];
const text = (name: string): Code => list([...new TextEncoder().encode(name)]);

function section(id: number, content: Code): Code {
  const bytes = flatten(content);
  return [id, unsigned(bytes.length), bytes];
}
