/**
 * A fused op is a fast kernel that promises to equal `meaning`, a small graph of primitive ops. In: the meaning and the hand-
 * written kernels, forward and, for the outputs that carry gradients, backward. Out: an op whose shape rule, CPU reference
 * and reference gradient all come from the meaning. Deleting the kernels leaves every model training, slower.
 */
import { differentiateSeeds } from "./differentiate";
import { type Precision, prepare } from "./evaluate";
import { leaf } from "./leaf";
import { type LowerCall, type Lowering, type NumericArray, type Op, type ReferenceCall, defineOp } from "./op";
import { type Attributes, type TensorType, type Value, apply } from "./value";

type Named<Name extends string, T> = { readonly [key in Name]: T };

export interface FusedDefinition<In extends string, Out extends string> {
  readonly name: string;
  readonly inputs: readonly In[];
  readonly outputs: readonly Out[];
  readonly meaning: (inputs: Named<In, Value>, attributes: Attributes) => Named<Out, Value>;
  readonly lower: (call: LowerCall) => Lowering;
  readonly lowerCpu?: Op["lowerCpu"];
  readonly finishesOnCpu?: true;
  readonly updates?: Op["updates"];
  /** See Op. */
  readonly exact?: readonly Out[];
  /** The output whose kernel takes an epilogue, and the buffers it binds besides (see EpilogueSlot). */
  readonly epilogue?: { readonly of: Out; readonly buffers: number };
  /** For an op whose forward already made what its gradient takes: that gradient as more graph, without a kernel of its own. */
  readonly gradient?: {
    readonly of: Out;
    readonly graph: (values: Named<In | Out, Value>, gradient: Value, attributes: Attributes) => Partial<Named<In, Value>>;
  };
  /** Kernels are given `needs` (inputs and outputs of the forward) and `d<Of>`; they fill `d<input>` for each of `gives`. */
  readonly backward?: {
    readonly of: Out;
    readonly needs: readonly (In | Out)[];
    readonly gives: readonly In[];
    readonly lower: (call: LowerCall) => Lowering;
    readonly lowerCpu?: Op["lowerCpu"];
    readonly finishesOnCpu?: true;
    /**
     * The gradients in primitives, for an op that needs its output instead of the input the output was made from. Without it
     * the meaning is differentiated.
     */
    readonly meaning?: (given: Readonly<Record<string, Value>>, attributes: Attributes) => Partial<Named<In, Value>>;
    /** As in the forward: the gradient, named by its input, whose kernel takes an epilogue. */
    readonly epilogue?: { readonly of: In; readonly buffers: number };
  };
}

export function defineFusedOp<const In extends string, const Out extends string>(definition: FusedDefinition<In, Out>): Op {
  const { name, inputs, outputs } = definition;
  const meaning = (values: readonly Value[], attributes: Attributes): Value[] => {
    const made = definition.meaning(nameAll(inputs, values), attributes);
    return outputs.map((output) => made[output]);
  };
  const backward = definition.backward && defineBackward(definition, definition.backward, meaning);
  return defineOp({
    name,
    inputs,
    outputs,
    meaning,
    infer: (types, attributes) => meaning(types.map((type, index) => leaf(inputs[index]!, type)), attributes),
    reference: referenceOf(name, meaning),
    lower: definition.lower,
    ...(definition.lowerCpu ? { lowerCpu: definition.lowerCpu } : {}),
    ...(definition.finishesOnCpu ? { finishesOnCpu: true } : {}),
    ...(definition.exact ? { exact: definition.exact.map((output) => outputs.indexOf(output)) } : {}),
    ...(definition.updates ? { updates: definition.updates } : {}),
    ...slotOf(definition.epilogue, outputs),
    vjp: (call) => {
      const flowing = call.gradients.flatMap((gradient, index) => (gradient ? [{ gradient, name: outputs[index]! }] : []));
      const only = flowing.length === 1 ? flowing[0] : undefined;
      const all = { ...nameAll(inputs, call.inputs), ...nameAll(outputs, call.outputs) } as Named<In | Out, Value>;
      if (only && only.name === definition.gradient?.of) {
        const given = definition.gradient.graph(all, only.gradient, call.attributes);
        return inputs.map((input) => given[input]);
      }
      if (!backward || !definition.backward || only?.name !== definition.backward.of) {
        const again = meaning(call.inputs, call.attributes);
        const seeds = call.gradients.flatMap((gradient, index) => (gradient ? [{ value: again[index]!, gradient }] : []));
        const floats = call.inputs.filter((input) => input.dtype === "f32");
        const found = differentiateSeeds(seeds, floats);
        return call.inputs.map((input) => (input.dtype === "f32" ? found[floats.indexOf(input)] : undefined));
      }
      const { needs, gives } = definition.backward;
      const types = call.inputs.map(({ shape, dtype }) => ({ shape, dtype }));
      const found = apply(backward, [...needs.map((need) => all[need]), only.gradient], { ...call.attributes, types });
      return inputs.map((input) => (gives.includes(input) ? found[gives.indexOf(input)] : undefined));
    },
  });
}

function defineBackward<In extends string, Out extends string>(
  forward: FusedDefinition<In, Out>,
  backward: NonNullable<FusedDefinition<In, Out>["backward"]>,
  meaning: (inputs: readonly Value[], attributes: Attributes) => Value[],
): Op {
  const name = `${forward.name}Backward`;
  const { needs, gives, of } = backward;
  const inputNames = [...needs, `d${capitalize(of)}`];
  const typesOf = (attributes: Attributes): readonly TensorType[] => attributes["types"] as unknown as readonly TensorType[];
  // The gradient of the meaning, as a graph over the backward op's own inputs. An input that is not among `needs` does not
  // influence the gradient, so any number of the right shape may stand for it: a leaf that nothing reads in the end.
  const gradientMeaning = (values: readonly Value[], attributes: Attributes): Value[] => {
    if (backward.meaning) {
      const made = backward.meaning(nameAll(inputNames, values), attributes);
      return gives.map((input) => made[input]!);
    }
    const given = new Map(inputNames.map((input, index) => [input, values[index]!]));
    const forwardInputs = forward.inputs.map((input, index) => given.get(input) ?? leaf(input, typesOf(attributes)[index]!));
    const outputs = meaning(forwardInputs, attributes);
    const seed = { value: outputs[forward.outputs.indexOf(of)]!, gradient: values.at(-1)! };
    return differentiateSeeds([seed], gives.map((input) => forwardInputs[forward.inputs.indexOf(input)]!));
  };
  return defineOp({
    name,
    inputs: inputNames,
    outputs: gives.map((input) => `d${capitalize(input)}`),
    meaning: gradientMeaning,
    infer: (_, attributes) => gives.map((input) => typesOf(attributes)[forward.inputs.indexOf(input)]!),
    reference: referenceOf(name, gradientMeaning),
    lower: backward.lower,
    ...(backward.lowerCpu ? { lowerCpu: backward.lowerCpu } : {}),
    ...(backward.finishesOnCpu ? { finishesOnCpu: true } : {}),
    ...slotOf(backward.epilogue, gives),
  });
}

function slotOf<Name extends string>(epilogue: { readonly of: Name; readonly buffers: number } | undefined, outputs: readonly Name[]): Pick<Op, "epilogue"> {
  return epilogue ? { epilogue: { output: outputs.indexOf(epilogue.of), buffers: epilogue.buffers } } : {};
}

/** The reference of a fused op: its meaning, evaluated. The prepared graph is kept per shapes, attributes and precision. */
function referenceOf(name: string, meaning: (inputs: readonly Value[], attributes: Attributes) => readonly Value[]): Op["reference"] {
  const prepared = new Map<string, ReturnType<typeof prepare>>();
  return (call: ReferenceCall) => {
    const precision = precisionOf([...call.inputs, ...call.outputs]);
    const key = JSON.stringify([precision, call.attributes, call.inputTypes.map(({ shape, dtype }) => [shape, dtype])]);
    let run = prepared.get(key);
    if (!run) {
      const leaves = call.inputTypes.map((type, index) => leaf(`${name} input ${index}`, type));
      run = prepare(meaning(leaves, call.attributes), leaves, precision);
      prepared.set(key, run);
    }
    run(call.inputs, call.outputs);
  };
}

function precisionOf(arrays: readonly NumericArray[]): Precision {
  return arrays.some((array) => array instanceof Float64Array) ? "f64" : "f32";
}

function nameAll<Name extends string, T>(names: readonly Name[], values: readonly T[]): Named<Name, T> {
  return Object.fromEntries(names.map((name, index) => [name, values[index]!])) as Named<Name, T>;
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
