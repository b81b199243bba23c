/**
 * Where the work happens and what it takes. In: the device, the run, the live figures. Out: one quiet line at the foot of every
 * room. What is not known is left out, never shown as a guess.
 */
import { Button as AriaButton } from "react-aria-components";
import { LiveText, type ReadText } from "../../components/LiveText";
import { useSession, useStudio } from "../../components/StudioContext";
import { flopsPerSecond, shareOfPeak } from "../../state/live";
import { openPerformance } from "../../state/performance";
import { formatBytes, formatCount, formatRate, formatShare, formatStepTime } from "../../state/format";
import css from "./StatusBar.module.css";

const readStepTime: ReadText = ({ live: { now } }) => formatStepTime(now.tokensPerStep / now.tokensPerSecond);

const readWork: ReadText = ({ live: { now }, session }) => {
  if (!(now.dispatches > 0)) return "";
  if (session.getState().device?.runtime === "cpu") return `${formatCount(now.dispatches)} operations`;
  const submits = now.submits === 1 ? "1 submit" : `${formatCount(now.submits)} submits`;
  return `${formatCount(now.dispatches)} dispatches, ${submits}`;
};

/** Speed, useful arithmetic, and what share of the measured peak that is; a name until something is measured. */
const readPerformance: ReadText = ({ live: { now } }) => {
  const rate = flopsPerSecond(now);
  if (!(rate > 0)) return "Performance";
  const share = shareOfPeak(now);
  const parts = [`${formatCount(Math.round(now.tokensPerSecond))} tokens/s`, formatRate(rate, "FLOP/s"), ...(Number.isFinite(share) ? [`${formatShare(share)} of peak`] : [])];
  return parts.join(" · ");
};

const readSaved: ReadText = ({ live: { now } }) => (now.savedStep >= 0 ? `saved at ${formatCount(now.savedStep)}` : "not saved yet");

export function StatusBar() {
  const studio = useStudio();
  const device = useSession((session) => session.device);
  const run = useSession((session) => session.run);
  const memoryBytes = useSession((session) => session.memoryBytes);
  return (
    <footer className={css["bar"]} aria-label="Status">
      {device ? (
        <span className={css["device"]}>
          <span className={css["dot"]} data-slow={device.slow || undefined} aria-hidden />
          <b>{device.name}</b>
          {device.detail ? ` · ${device.detail}` : ""}
        </span>
      ) : (
        <span>looking for a device…</span>
      )}
      {run ? (
        <>
          <AriaButton className={css["performance"] ?? ""} aria-label="Performance" onPress={() => void openPerformance(studio)}>
            <LiveText read={readPerformance} />
          </AriaButton>
          <span className={css["third"]}>
            step <b><LiveText read={readStepTime} /></b>
          </span>
          <LiveText className={css["third"]} read={readWork} />
          <span className={css["third"]}>
            seed <b>{run.settings.seed}</b>
          </span>
          {memoryBytes > 0 ? <span className={css["third"]}>{formatBytes(memoryBytes)}</span> : null}
        </>
      ) : null}
      <span className={css["grow"]} />
      {run ? <LiveText className={css["second"]} read={readSaved} /> : null}
      <span className={css["private"]}>nothing leaves this device</span>
    </footer>
  );
}
