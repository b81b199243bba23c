/** The loss of a run: training and validation, with what knowing nothing, frequencies or pairs would score. */
import { LineChart, type LineChartProps, SharedControls } from "./LineChart";
import { LOSS } from "./spec";

export function LossChart(props: LineChartProps) {
  return <LineChart {...props} spec={LOSS} sharedControls={<SharedControls store={props.store} />} />;
}
