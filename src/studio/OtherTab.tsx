/** What a tab shows while another one writes. In: the writer lock. Out: why nothing happens here, and the button that moves the work. */
import { useStore } from "zustand";
import css from "./OtherTab.module.css";
import { Button } from "./components/Button";
import { Mark } from "./components/Mark";
import type { Writer } from "./state/writerLock";

export function OtherTab({ writer }: { readonly writer: Writer }) {
  const state = useStore(writer.store);
  const isTaking = state.role === "second" && state.taking === "yes";
  const wasWriter = state.role === "displaced";
  return (
    <main className={css["page"]} id="main">
      <div className={css["card"]} role={wasWriter ? "alert" : undefined}>
        <Mark size={28} />
        <h1>{wasWriter ? "Another tab has taken over" : "Descent is open in another tab"}</h1>
        <p>
          {wasWriter
            ? "This tab has stopped training and saving. Your run goes on in the other tab, from its last save."
            : "Only one tab trains and saves at a time, so that nothing is written twice. The other tab saves first, then the work moves here."}
        </p>
        <Button look="primary" isDisabled={isTaking} onPress={() => writer.takeOver()}>
          {isTaking ? "Waiting for the other tab…" : "Use this tab instead"}
        </Button>
      </div>
    </main>
  );
}
