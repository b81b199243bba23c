/**
 * What a training step takes of this device. In: the report of the run, kernels once they were measured. Out: a drawer at the
 * right edge: speed against the measured peak, predicted against measured, time by kernel, memory by purpose, the tuner's choices.
 */
import { Download, Timer, X } from "lucide-react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useStore } from "zustand";
import { download } from "../../charts/download";
import { Button } from "../../components/Button";
import { LiveText } from "../../components/LiveText";
import { useSession, useStudio } from "../../components/StudioContext";
import { formatBytes, formatCount, formatRate, formatShare, formatStepTime, NOTHING } from "../../state/format";
import { flopsPerSecond, shareOfPeak } from "../../state/live";
import { closePerformance, measureKernels, performanceJson } from "../../state/performance";
import type { CostComparison, PerformanceReport } from "../../../worker/protocol";
import { Choices } from "./Choices";
import { KernelTable } from "./KernelTable";
import { MemoryBar } from "./MemoryBar";
import { Sources } from "./Sources";
import css from "./PerformanceDrawer.module.css";

export function PerformanceDrawer() {
  const studio = useStudio();
  const isOpen = useStore(studio.performance, (state) => state.isOpen);
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={() => closePerformance(studio)} isDismissable className={css["overlay"] ?? ""}>
      <Modal className={css["modal"] ?? ""}>
        <Dialog className={css["dialog"] ?? ""}>
          <div className={css["head"]}>
            <Heading slot="title">Performance</Heading>
            <Button look="plain" icon={X} compact="always" onPress={() => closePerformance(studio)}>
              Close
            </Button>
          </div>
          <Body />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Body() {
  const studio = useStudio();
  const run = useSession((session) => session.run);
  const report = useStore(studio.performance, (state) => state.report);
  if (!run) {
    return (
      <>
        <p className={css["note"]}>Start a run: then this shows what each of its steps takes of this device.</p>
        <Choices choices={undefined} />
      </>
    );
  }
  if (!report) return <p className={css["note"]}>Asking the training worker…</p>;
  return (
    <>
      <Speed report={report} />
      <Kernels report={report} />
      <Memory report={report} />
      {report.cost ? <Prediction cost={report.cost} /> : null}
      <Choices choices={report.choices} />
      <Sources run={run} />
      <div className={css["foot"]}>
        <Button icon={Download} onPress={() => download(new Blob([performanceJson(studio)], { type: "application/json" }), "descent-performance.json")}>
          Export figures
        </Button>
      </div>
    </>
  );
}

function Speed({ report }: { readonly report: PerformanceReport }) {
  const { ceilings } = report;
  const runtime = useSession((session) => session.device?.runtime);
  const submits = report.submits === 1 ? "1 submit" : `${formatCount(report.submits)} submits`;
  return (
    <section className={css["section"]} aria-label="Speed">
      <dl className={css["figures"]}>
        <Figure term="Tokens per second">
          <LiveText read={({ live: { now } }) => (now.tokensPerSecond > 0 ? formatCount(Math.round(now.tokensPerSecond)) : NOTHING)} />
        </Figure>
        <Figure term="Useful arithmetic">
          <LiveText read={({ live: { now } }) => formatRate(flopsPerSecond(now), "FLOP/s")} />
        </Figure>
        <Figure term="Of this device’s peak">
          <LiveText read={({ live: { now } }) => formatShare(shareOfPeak(now))} />
        </Figure>
      </dl>
      <p className={css["note"]}>
        {ceilings
          ? `Measured here: ${formatRate(ceilings.flopsPerSecond, "FLOP/s")} ${runtime === "cpu" ? "in a product of matrices" : "in registers"} (the peak), ${formatRate(ceilings.bytesPerSecond, "B/s")} copying, ${formatStepTime(ceilings.dispatchSeconds)} for an empty ${runtime === "cpu" ? "step" : "dispatch"}. `
          : "The device’s peak has not been measured yet. "}
        {runtime === "cpu" ? `An update is ${formatCount(report.dispatches)} operations, each on all threads.` : `A step is ${formatCount(report.dispatches)} dispatches in ${submits}.`}
        {report.devices.length > 1 ? ` Trained on ${report.devices.map(describeStay).join(", then ")}.` : ""}
      </p>
    </section>
  );
}

const describeStay = ({ name, fromStep }: PerformanceReport["devices"][number]): string => (fromStep === 0 ? name : `${name} from step ${formatCount(fromStep)}`);

function Figure({ term, children }: { readonly term: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Kernels({ report }: { readonly report: PerformanceReport }) {
  const studio = useStudio();
  const { kernels, measuredAt, status } = useStore(studio.performance);
  const isMeasuring = status === "measuring";
  return (
    <section className={css["section"]} aria-labelledby="performance-kernels">
      <div className={css["title"]}>
        <h3 id="performance-kernels">Time by kernel</h3>
        {Array.isArray(kernels) ? <span className={css["note"]}>after step {formatCount(measuredAt)}</span> : null}
        {/* Not disabled meanwhile: it would lose the focus, and with it the keys of the drawer. A second press does nothing. */}
        <Button icon={Timer} onPress={() => void measureKernels(studio)}>
          {isMeasuring ? "Measuring…" : "Measure kernels"}
        </Button>
      </div>
      {kernels === "untimed" ? <p className={css["note"]}>This device does not tell the time of single kernels.</p> : null}
      {kernels === null ? <p className={css["note"]}>Times every kernel of a step between two steps; the run’s numbers are not touched.</p> : null}
      {Array.isArray(kernels) ? <KernelTable kernels={kernels} ceilings={report.ceilings} /> : null}
    </section>
  );
}

function Memory({ report }: { readonly report: PerformanceReport }) {
  const pieces = useSession(({ run }) => run?.batchPieces ?? 1);
  const batch = useSession(({ run }) => Number(run?.settings["batchSize"]));
  const note = pieces > 1 ? `Batches of ${batch} do not fit: each is trained as ${pieces} × ${batch / pieces}, to the same result.` : undefined;
  return <MemoryBar shares={report.memory} note={note} />;
}

function Prediction({ cost: { predicted, measured } }: { readonly cost: CostComparison }) {
  const steps = measured ? ` over ${formatCount(measured.steps)} steps` : "";
  return (
    <section className={css["section"]} aria-labelledby="performance-prediction">
      <h3 id="performance-prediction">Predicted and measured</h3>
      <dl className={css["pairs"]}>
        <dt>Time of a step</dt>
        <dd>
          {formatStepTime(predicted.secondsPerStep)} predicted, {measured ? `${formatStepTime(measured.secondsPerStep)} measured${steps}` : "not measured yet"}
        </dd>
        <dt>Memory</dt>
        <dd>
          {formatBytes(predicted.memoryBytes)} predicted{measured ? `, ${formatBytes(measured.memoryBytes)} taken` : ""}
        </dd>
      </dl>
    </section>
  );
}
