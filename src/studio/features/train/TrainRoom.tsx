/**
 * Where a model is trained and watched. In: the session and the series. Out: the settings beside the run's figures, charts and
 * samples; before the first run, what is going to happen. On narrow screens the settings are a drawer over the charts.
 */
import { SlidersHorizontal } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../../components/Button";
import { useSession } from "../../components/StudioContext";
import { Charts } from "./Charts";
import { FirstRun } from "./FirstRun";
import { RunStatus } from "./RunStatus";
import { Samples } from "./Samples";
import { SettingsPanel } from "./SettingsPanel";
import css from "./TrainRoom.module.css";

/** Below this width the settings would leave the charts no room. */
const WIDE = "(min-width: 1200px)";

export function TrainRoom() {
  const [isOpen, setOpen] = useSettingsDrawer();
  const hasRun = useSession((session) => session.run !== null);
  return (
    <main id="main" tabIndex={-1} className={css["room"]} data-settings={isOpen ? "open" : "closed"}>
      <h1 className="said">Train</h1>
      <div className={css["drawer"]} id="settings-drawer" hidden={!isOpen}>
        <SettingsPanel />
      </div>
      <div className={css["work"]} data-run={hasRun ? "some" : "none"}>
        <div className={css["tools"]}>
          <Button icon={SlidersHorizontal} look="normal" onPress={() => setOpen(!isOpen)}>
            {isOpen ? "Hide settings" : "Settings"}
          </Button>
        </div>
        <RunStatus />
        {hasRun ? (
          <div className={css["grid"]}>
            <Charts samples={<Samples />} />
          </div>
        ) : (
          <FirstRun />
        )}
      </div>
    </main>
  );
}

/** Open on wide screens, shut on narrow ones, until a person says otherwise; Escape shuts it where it covers the charts. */
function useSettingsDrawer(): [boolean, (isOpen: boolean) => void] {
  const [isWide, setWide] = useState(() => matchMedia(WIDE).matches);
  const [chosen, setChosen] = useState<boolean | null>(null);
  useEffect(() => {
    const query = matchMedia(WIDE);
    const onChange = () => {
      setWide(query.matches);
      setChosen(null);
    };
    query.addEventListener("change", onChange);
    return () => query.removeEventListener("change", onChange);
  }, []);
  const isOpen = chosen ?? isWide;
  useEffect(() => {
    if (!isOpen || isWide) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape") setChosen(false);
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [isOpen, isWide]);
  return [isOpen, setChosen];
}
