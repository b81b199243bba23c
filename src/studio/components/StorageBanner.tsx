/** What is at risk on the disk, above every room. In: the storage report, asked again whenever the datasets change. Out: one warning, which can be put away. */
import { HardDrive } from "lucide-react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { showPane } from "../state/dataRoom";
import { dismissWarning, refreshStorage, storageWarning } from "../state/storage";
import { Button } from "./Button";
import css from "./Messages.module.css";
import { useSession, useStudio } from "./StudioContext";

export function StorageBanner() {
  const studio = useStudio();
  const datasets = useSession((session) => session.datasets);
  const warning = storageWarning(useStore(studio.tools.storage));
  useEffect(() => {
    // Before the list is there the worker is still opening; sizes would be of nothing.
    if (datasets.length > 0) void refreshStorage(studio);
  }, [studio, datasets]);
  if (!warning) return null;
  return (
    <section className={css["banner"]} aria-label="About storage">
      <HardDrive aria-hidden className={css["icon"]} size="1.35em" strokeWidth={1.75} />
      <p className={css["text"]}>
        <strong>{warning.title}</strong> {warning.text}
      </p>
      <div className={css["actions"]}>
        <Button
          onPress={() => {
            showPane(studio, "storage");
            location.hash = "#/data";
          }}
        >
          Show storage
        </Button>
        <Button look="plain" onPress={() => dismissWarning(studio, warning.kind)}>
          Got it
        </Button>
      </div>
    </section>
  );
}
