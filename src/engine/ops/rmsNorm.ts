/**
 * Root-mean-square normalization over the last axis. In: x [..., C], gain [C]. Out: y = x · invRms · gain with
 * invRms = 1 / √(avg(x²) + epsilon), and invRms [...]. Source: Zhang, Sennrich, arXiv 1910.07467.
 */
import { defineFusedOp } from "../graph/fusedOp";
import type { LowerCall, Lowering } from "../graph/op";
import { type Value, applyOne } from "../graph/value";
import { f32Literal, read, write } from "../wgsl/kernel";
import { rowElement, rowKernel } from "../wgsl/rows";
import { add, inverseSquareRoot, multiply, scalar, square } from "./elementwise";
import { describeEpilogue } from "./epilogue";
import { requireVectors, rowShapes } from "./layerNorm";
import { reshape } from "./movement";
import { BACKWARD_EPILOGUE, lowerNormBackward } from "./normBackward";
import { lowerNormBackwardCpu, lowerNormCpu } from "./normsCpu";
import { reduceSum } from "./reduce";
import { rowLanes } from "./rowFamily";

const rmsNormOp = defineFusedOp({
  name: "rmsNorm",
  inputs: ["x", "gain"],
  outputs: ["y", "invRms"],
  exact: ["invRms"],
  meaning: ({ x, gain }, { epsilon }) => {
    requireVectors("rmsNorm", x, [gain]);
    const { C, kept, axis } = rowShapes(x);
    const meanSquare = multiply(reduceSum(square(x), [axis]), scalar(1 / C));
    const invRms = inverseSquareRoot(add(meanSquare, scalar(epsilon as number)));
    return { y: multiply(multiply(x, reshape(invRms, kept)), gain), invRms };
  },
  lower: lowerForward,
  lowerCpu: (call) => lowerNormCpu(call, "rmsNorm"),
  finishesOnCpu: true,
  epilogue: { of: "y", buffers: 3 },
  backward: {
    of: "y", needs: ["x", "gain", "invRms"], gives: ["x", "gain"], lower: lowerBackward, epilogue: BACKWARD_EPILOGUE,
    lowerCpu: (call) => lowerNormBackwardCpu(call, "rmsNorm"), finishesOnCpu: true,
  },
});

function lowerForward(call: LowerCall): Lowering {
  const { inputTypes, attributes } = call;
  const { rows, C } = rowShapes(inputTypes[0]!);
  const { T, W, sum } = rowElement(C);
  const epilogue = describeEpilogue(call, "y", T);
  const kernel = rowKernel({
    label: `rmsNorm${epilogue.label}`,
    rows,
    columns: C / W,
    lanes: rowLanes(call, call.target),
    bindings: { x: read(T), gain: read(T), ...epilogue.bindings, invRms: write("f32") },
    declarations: epilogue.declarations,
    body: `  let start = row * COLUMNS;
  var squares = ${T}();
  for (var c = lane; c < COLUMNS; c += LANES) { squares += x[start + c] * x[start + c]; }
  let scale = inverseSqrt(rowSum(${sum("squares")}, lane) / ${C}.0 + ${f32Literal(attributes["epsilon"] as number)});
  for (var c = lane; c < COLUMNS; c += LANES) { ${epilogue.store("(x[start + c] * scale * gain[c])", "start + c")} }
  if (lane == 0u) { invRms[row] = scale; }`,
  });
  return { kernels: [kernel] };
}

function lowerBackward(call: LowerCall): Lowering {
  const { rows, C } = rowShapes(call.inputTypes[0]!);
  return lowerNormBackward(call, {
    label: "rmsNormBackward", rows, C, parameters: ["dGain"],
    statistics: { name: "invRms", element: "f32", factor: "invRms[row]" },
  });
}

/** x · invRms · gain over the last axis; invRms is the node's other output. */
export function rmsNorm(x: Value, gain: Value, epsilon = 1e-5): Value {
  return applyOne(rmsNormOp, [x, gain], { epsilon });
}
