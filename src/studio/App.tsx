/**
 * The studio's frame: bar, rail, room, status. In: a studio that is ready. Out: the page. The address chooses the room; the
 * page saves the run when it is hidden and listens for single keys.
 */
import { useCallback, useEffect, useState } from "react";
import css from "./App.module.css";
import { Banners } from "./components/Banners";
import { Messages } from "./components/Messages";
import { useSession, useStudio } from "./components/StudioContext";
import { DataRoom } from "./features/data/DataRoom";
import { PlayRoom } from "./features/play/PlayRoom";
import { PerformanceDrawer } from "./features/performance/PerformanceDrawer";
import { KeysDialog } from "./features/shell/KeysDialog";
import { Rail } from "./features/shell/Rail";
import { readShortcut } from "./features/shell/shortcuts";
import { StatusBar } from "./features/shell/StatusBar";
import { TopBar } from "./features/shell/TopBar";
import { TrainRoom } from "./features/train/TrainRoom";
import { openLink } from "./state/openStudio";
import { restWhileHidden } from "./state/machine";
import { openPerformance } from "./state/performance";
import { type Room, type Route, readRoute } from "./state/route";
import { pressPrimary, saveRun, stepRun } from "./state/runControl";
import { activeRun, primaryAction } from "./state/session";
import { reasonAgainst } from "./state/preview";
import { choicesOf, readForm, type Studio } from "./state/studio";

const ROOMS: Record<Room, () => React.JSX.Element> = { data: DataRoom, train: TrainRoom, play: PlayRoom };
const TITLES: Record<Room, string> = { data: "Data", train: "Train", play: "Play" };

export function App() {
  const room = useRoom();
  const [keys, setKeys] = useState<"open" | "closed">("closed");
  const openKeys = useCallback(() => setKeys("open"), []);
  useSpentLink(room);
  useVisibility();
  useShortcuts(openKeys);
  const spoken = useSession((session) => session.spoken);
  const RoomView = ROOMS[room];
  return (
    <div className={css["frame"]}>
      <a href="#main" className={css["skip"]} onClick={skipToMain}>
        Skip to the content
      </a>
      <TopBar />
      <Rail room={room} onKeys={openKeys} />
      <div className={css["room"]}>
        <Banners />
        <Messages />
        <RoomView />
      </div>
      <StatusBar />
      <p role="status" className="said">
        {spoken}
      </p>
      <PerformanceDrawer />
      <KeysDialog isOpen={keys === "open"} onClose={() => setKeys("closed")} />
    </div>
  );
}

/** The hash belongs to the rooms, so the skip link moves the focus itself. */
function skipToMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function useRoom(): Room {
  const studio = useStudio();
  const [room, setRoom] = useState(() => readRoute(location.hash).room);
  useEffect(() => {
    const onHashChange = () => {
      const route = readRoute(location.hash);
      setRoom(route.room);
      followLink(studio, route);
    };
    addEventListener("hashchange", onHashChange);
    return () => removeEventListener("hashchange", onHashChange);
  }, [studio]);
  useEffect(() => {
    document.title = `${TITLES[room]} · Descent`;
  }, [room]);
  return room;
}

/** A running experiment is not disturbed by a link; one that is only saved waits for another visit. */
function followLink(studio: Studio, route: Route): void {
  if (!route.shared) return;
  const { run, found } = studio.session.getState();
  if (run && activeRun({ run, found: null })) {
    studio.draft.setState({ linkProblems: [`${run.name} goes on with its own settings. Stop it, then open the link again.`] });
    return;
  }
  if (found) {
    studio.live.clear();
    studio.session.setState({ found: null });
  }
  openLink(studio, route);
}

/** Once there is a run, a link has done its work: a reload must offer the run, not fill in the form again. */
function useSpentLink(room: Room): void {
  const hasRun = useSession((session) => session.run !== null);
  useEffect(() => {
    const spend = () => {
      if (hasRun && readRoute(location.hash).shared) history.replaceState(null, "", `#/${room}`);
    };
    spend();
    addEventListener("hashchange", spend);
    return () => removeEventListener("hashchange", spend);
  }, [hasRun, room]);
}

function useVisibility(): void {
  const studio = useStudio();
  useEffect(() => {
    const save = () => void saveRun(studio);
    const rest = restWhileHidden(studio);
    const onVisibility = () => {
      if (document.visibilityState === "hidden") save();
      void rest(document.visibilityState);
    };
    document.addEventListener("visibilitychange", onVisibility);
    addEventListener("pagehide", save);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      removeEventListener("pagehide", save);
    };
  }, [studio]);
}

function useShortcuts(openKeys: () => void): void {
  const studio = useStudio();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (studio.preferences.getState().shortcuts === "off") return;
      const shortcut = readShortcut(event, document.activeElement?.tagName.toLowerCase() ?? "body");
      if (!shortcut) return;
      event.preventDefault();
      if (shortcut === "keys") openKeys();
      else if (shortcut === "performance") void openPerformance(studio);
      else if (shortcut === "step") void pressStepKey(studio);
      else if (mayPressPrimary(studio)) void pressPrimary(studio);
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [studio, openKeys]);
}

async function pressStepKey(studio: Studio): Promise<void> {
  if (activeRun(studio.session.getState())?.phase === "paused") await stepRun(studio);
}

/** The same conditions under which the button can be pressed. */
function mayPressPrimary(studio: Studio): boolean {
  const session = studio.session.getState();
  if (session.run?.phase === "preparing") return false;
  if (primaryAction(session) !== "Train") return true;
  const choices = choicesOf(studio);
  return choices !== null && reasonAgainst(readForm(choices, studio.draft.getState().values).problems, studio.previewer.store.getState()) === undefined;
}
