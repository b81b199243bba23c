/** The loss as a number of choices, e to its power. Its axis and smoothing are those of the loss chart. */
import { LineChart, type LineChartProps } from "./LineChart";
import { PERPLEXITY } from "./spec";

export function PerplexityChart(props: LineChartProps) {
  return <LineChart {...props} spec={PERPLEXITY} />;
}
