/**
 * Normalization of each row: LayerNorm (gain and bias, whatever `biases` says of the linear layers) or RMSNorm (gain only).
 * Sources: https://arxiv.org/abs/1607.06450, https://arxiv.org/abs/1910.07467.
 */
import type { Value } from "../../engine/graph/value";
import { layerNorm } from "../../engine/ops/layerNorm";
import { rmsNorm } from "../../engine/ops/rmsNorm";
import { type LayerParameter, type Values, constant, parameter, valueNamed } from "./layer";

export interface NormalizationOptions {
  readonly width: number;
  readonly normalization: "layerNorm" | "rmsNorm";
  /** Added to the variance, or to the mean square. */
  readonly epsilon: number;
}

export function normalizationParameters(name: string, { width, normalization }: NormalizationOptions): LayerParameter[] {
  const gain = parameter(`${name}.gain`, [width], constant(1));
  return normalization === "layerNorm" ? [gain, parameter(`${name}.bias`, [width], constant(0))] : [gain];
}

export function normalize(x: Value, parameters: Values, name: string, { normalization, epsilon }: NormalizationOptions): Value {
  const gain = valueNamed(parameters, `${name}.gain`);
  if (normalization === "rmsNorm") return rmsNorm(x, gain, epsilon);
  return layerNorm(x, gain, valueNamed(parameters, `${name}.bias`), epsilon);
}
