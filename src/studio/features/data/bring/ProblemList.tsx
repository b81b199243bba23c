/** Problems of an import, as many as there are, of which only those in sight are drawn. In: problems. Out: a list that scrolls. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import type { RowProblem } from "../../../../worker/protocol";
import { VisibleText } from "../../../components/VisibleText";
import { placeOf } from "../../../state/problems";
import css from "./ProblemList.module.css";

const ESTIMATED_HEIGHT = 64;

export function ProblemList({ problems }: { readonly problems: readonly RowProblem[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({ count: problems.length, getScrollElement: () => scroller.current, estimateSize: () => ESTIMATED_HEIGHT, overscan: 8 });
  return (
    <div ref={scroller} className={css["scroll"]} tabIndex={0} role="group" aria-label="Problems">
      <ul style={{ height: list.getTotalSize() }} className={css["list"]}>
        {list.getVirtualItems().map((item) => {
          const problem = problems[item.index];
          return problem ? (
            <li key={item.key} ref={list.measureElement} data-index={item.index} aria-setsize={problems.length} aria-posinset={item.index + 1} style={{ transform: `translateY(${item.start}px)` }}>
              <Problem problem={problem} />
            </li>
          ) : null;
        })}
      </ul>
    </div>
  );
}

function Problem({ problem }: { readonly problem: RowProblem }) {
  return (
    <>
      <p className={css["place"]}>
        <b>{placeOf(problem)}</b>
        <span className={css["action"]}>{problem.action}</span>
        <span dir="auto" className={css["file"]}>
          {problem.file}
        </span>
      </p>
      <p>
        Expected {problem.expected}, found <VisibleText text={problem.found} layout="one line" />.
      </p>
      <p className={css["next"]}>{problem.next}</p>
    </>
  );
}
