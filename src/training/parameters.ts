/**
 * What a model learns, as plain data. A `ParameterSpec` says what a parameter is called here, its shape, how it starts, and
 * where it lies in a Hugging Face checkpoint. In: specs, tensors by checkpoint name. Out: our arrays, and back again. All
 * our linear weights are [out, in]; GPT-2's Conv1D weights are [in, out] and are transposed on the way.
 */
import { sizeOf } from "../engine/graph/value";
import { FailureError } from "../settings/failure";

export type Initialization =
  | { readonly kind: "normal"; readonly deviation: number }
  | { readonly kind: "constant"; readonly value: number };

/** The tensors of a checkpoint that make up one parameter: their rows (of our layout) follow one another. */
export interface CheckpointPlace {
  readonly parts: readonly { readonly name: string; readonly rows: number }[];
  readonly transposed?: boolean;
}

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Whether weight decay pulls it to zero: matrices and embeddings yes, gains and biases no. */
  readonly decay: boolean;
  readonly initialize: Initialization;
  readonly checkpoint: CheckpointPlace;
}

export function countParameters(specs: readonly ParameterSpec[]): number {
  return specs.reduce((total, spec) => total + sizeOf(spec.shape), 0);
}

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Columns of a parameter as a matrix whose rows are its first axis. */
const columnsOf = (spec: ParameterSpec): number => sizeOf(spec.shape.slice(1));

const isTransposed = (spec: ParameterSpec): boolean => spec.checkpoint.transposed === true && spec.shape.length === 2;

/** The shape a part has in the checkpoint. */
function partShape(spec: ParameterSpec, rows: number): number[] {
  return isTransposed(spec) ? [columnsOf(spec), rows] : [rows, ...spec.shape.slice(1)];
}

/** Puts a parameter together from the tensors of a checkpoint. */
export function readParameter(spec: ParameterSpec, find: (name: string) => Tensor | undefined): Float32Array {
  const columns = columnsOf(spec);
  const out = new Float32Array(sizeOf(spec.shape));
  let firstRow = 0;
  for (const { name, rows } of spec.checkpoint.parts) {
    const tensor = find(name);
    const wanted = partShape(spec, rows);
    if (!tensor || tensor.shape.join() !== wanted.join()) throw wrongTensor(name, wanted, tensor);
    const part = out.subarray(firstRow * columns, (firstRow + rows) * columns);
    if (isTransposed(spec)) transpose(tensor.data, columns, rows, part);
    else part.set(tensor.data);
    firstRow += rows;
  }
  return out;
}

/** Takes a parameter apart into the tensors of a checkpoint. */
export function writeParameter(spec: ParameterSpec, data: Float32Array): { name: string; shape: number[]; data: Float32Array }[] {
  const columns = columnsOf(spec);
  let firstRow = 0;
  return spec.checkpoint.parts.map(({ name, rows }) => {
    const part = data.slice(firstRow * columns, (firstRow + rows) * columns);
    firstRow += rows;
    const shape = partShape(spec, rows);
    if (!isTransposed(spec)) return { name, shape, data: part };
    const turned = new Float32Array(part.length);
    transpose(part, rows, columns, turned);
    return { name, shape, data: turned };
  });
}

/** out [columns, rows] = from [rows, columns] transposed. */
function transpose(from: ArrayLike<number>, rows: number, columns: number, out: Float32Array): void {
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) out[column * rows + row] = from[row * columns + column]!;
  }
}

function wrongTensor(name: string, wanted: readonly number[], found: Tensor | undefined): FailureError {
  const message = found
    ? `The checkpoint's tensor "${name}" has the shape [${found.shape.join(", ")}]; this model needs [${wanted.join(", ")}].`
    : `The checkpoint has no tensor "${name}", which this model needs.`;
  return new FailureError({
    kind: "bad-file",
    message,
    hint: "Choose the model and sizes that the checkpoint was made with (its config.json names them).",
    where: name,
  });
}
