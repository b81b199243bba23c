/**
 * The run in nine figures. In: the live figures, written straight into the page. Out: a description list whose values are plain
 * text a program can parse (no units, no separators; notes beside them are CSS content, groups of digits only a gap).
 */
import { useRef } from "react";
import { useLive } from "../../components/LiveText";
import { useSession } from "../../components/StudioContext";
import { shareOfPeak } from "../../state/live";
import { formatCount, formatExponent, formatFigure, formatShare, NOTHING } from "../../state/format";
import type { Studio } from "../../state/studio";
import css from "./RunStatus.module.css";

interface Figure {
  readonly term: string;
  readonly size: "big" | "small";
  readonly value: (studio: Studio) => string;
  readonly note?: (studio: Studio) => string;
}

/** A loss that was never measured is a dash; a measured NaN is shown as NaN. */
const measuredTraining = ({ live }: Studio) => (live.measured.training > 0 ? formatFigure(live.now.trainingLoss) : NOTHING);
const measuredValidation = ({ live }: Studio) => (live.measured.validation > 0 ? formatFigure(live.now.validationLoss) : NOTHING);

function perplexity({ live }: Studio): number {
  const { measured, now } = live;
  return measured.validation > 0 ? Math.exp(now.validationLoss) : measured.training > 0 ? Math.exp(now.trainingLoss) : Number.NaN;
}

function isBest({ live, metrics }: Studio): boolean {
  const newest = metrics.validation.at(-1);
  return live.measured.validation > 0 && newest !== undefined && newest.step === metrics.best?.step;
}

function bestNote(studio: Studio): string {
  const { best } = studio.metrics;
  if (studio.live.measured.validation === 0) return "";
  return isBest(studio) ? "best" : best ? `best ${formatFigure(best.loss)}` : "";
}

const FIGURES: readonly Figure[] = [
  { term: "Training loss", size: "big", value: measuredTraining, note: ({ live }) => (live.measured.training > 0 ? "nats" : "") },
  { term: "Validation loss", size: "big", value: measuredValidation, note: bestNote },
  {
    term: "Perplexity",
    size: "big",
    value: (studio) => (studio.live.measured.training + studio.live.measured.validation > 0 ? formatFigure(perplexity(studio)) : NOTHING),
    note: (studio) => {
      const choices = perplexity(studio);
      return Number.isFinite(choices) ? `≈ ${choices < 1e6 ? formatCount(Math.round(choices)) : "millions of"} choices` : "";
    },
  },
  {
    term: "Tokens per second",
    size: "big",
    value: ({ live }) => (live.now.tokensPerSecond > 0 ? String(Math.round(live.now.tokensPerSecond)) : NOTHING),
    note: ({ live }) => (Number.isFinite(shareOfPeak(live.now)) ? `${formatShare(shareOfPeak(live.now))} of peak` : ""),
  },
  { term: "Step", size: "small", value: ({ live }) => String(live.now.step) },
  { term: "Learning rate", size: "small", value: ({ live }) => (Number.isNaN(live.now.learningRate) ? NOTHING : formatExponent(live.now.learningRate, 3)) },
  {
    term: "Gradient norm",
    size: "small",
    value: ({ live }) => (live.measured.training > 0 ? formatFigure(live.now.gradientNorm) : NOTHING),
  },
  { term: "Adapter", size: "small", value: ({ session }) => session.getState().device?.name ?? NOTHING },
  { term: "Saved", size: "small", value: ({ live }) => (live.now.savedStep >= 0 ? String(live.now.savedStep) : NOTHING) },
];

export function RunStatus() {
  return (
    <dl className={css["status"]} aria-label="Run status">
      {FIGURES.map((figure) => (
        <FigureCell key={figure.term} figure={figure} />
      ))}
    </dl>
  );
}

function FigureCell({ figure }: { readonly figure: Figure }) {
  const value = useRef<HTMLElement>(null);
  // The adapter is not a live figure; it changes when the device is opened.
  useSession((session) => (figure.term === "Adapter" ? session.device?.name : undefined));
  useLive((studio) => {
    if (!value.current) return;
    const text = figure.value(studio);
    writeGrouped(value.current, text);
    value.current.toggleAttribute("data-empty", text === NOTHING);
    value.current.dataset["note"] = figure.note?.(studio) ?? "";
  });
  return (
    <div className={css[figure.size]}>
      <dt>{figure.term}</dt>
      <dd ref={value} />
    </div>
  );
}

/** Five digits and more get a thin gap before the last three; the text stays the bare number. */
function writeGrouped(element: HTMLElement, text: string): void {
  if (element.textContent === text) return;
  const whole = /^(\d{1,3})(\d{3})(\d{3})?$/.exec(text);
  if (!whole || text.length < 5) {
    element.textContent = text;
    return;
  }
  const [, first = "", ...groups] = whole;
  const gaps = groups.filter(Boolean).map((digits) => {
    const group = document.createElement("span");
    group.textContent = digits;
    return group;
  });
  element.replaceChildren(first, ...gaps);
}
