/** The charts of the studio. Each takes a MetricStore and reads it at its own pace; no series passes through props. */
export { LossChart } from "./LossChart";
export { PerplexityChart } from "./PerplexityChart";
export { StripChart } from "./StripChart";
export type { TokenNames } from "./spec";
