/**
 * What went wrong or is good to know, above every room. In: the session's messages. Out: one alert per failure with a heading
 * that names its kind, the cause, what to do and a button for it; notices are said politely. All can be put away.
 */
import { CircleAlert, Info, X } from "lucide-react";
import { useShallow } from "zustand/shallow";
import type { Failure, FailureKind } from "../../worker/protocol";
import { dismiss, loadCheckpoint } from "../state/runControl";
import type { Message } from "../state/session";
import type { Studio } from "../state/studio";
import { Button } from "./Button";
import css from "./Messages.module.css";
import { useSession, useStudio } from "./StudioContext";

const HEADINGS: Record<FailureKind, string> = {
  "no-webgpu": "No WebGPU on this device",
  "device-lost": "The GPU was lost",
  "out-of-memory": "Not enough GPU memory",
  diverged: "Training diverged",
  "bad-file": "A file could not be read",
  "bad-settings": "These settings cannot run",
  storage: "The browser's storage refused",
  busy: "Something else is still running",
  canceled: "Canceled",
  bug: "Descent made a mistake",
};

/** What kind of thing went wrong, as a heading. */
export const headingOf = ({ kind }: Failure): string => HEADINGS[kind];

interface Remedy {
  readonly label: string;
  readonly act: (studio: Studio) => void;
}

/** Buttons that do what the hint says, where the page can. */
function remediesFor(failure: Failure, studio: Studio): Remedy[] {
  const { run } = studio.session.getState();
  const savedStep = Math.max(run?.savedStep ?? -1, studio.live.now.savedStep);
  const remedies: Remedy[] = [];
  const isOver = run?.phase === "failed" || run?.phase === "stopped" || run?.phase === "paused";
  if ((failure.kind === "device-lost" || failure.kind === "diverged") && run && isOver && savedStep >= 0) {
    remedies.push({ label: "Go back to the last save", act: () => void loadCheckpoint(studio, run.id) });
  }
  if (failure.kind === "out-of-memory" || failure.kind === "bad-settings" || failure.kind === "diverged") {
    remedies.push({ label: "Show the settings", act: () => showSettings() });
  }
  if (failure.kind === "bug" || failure.kind === "device-lost") remedies.push({ label: "Reload the page", act: () => location.reload() });
  return remedies;
}

function showSettings(): void {
  location.hash = "#/train";
  requestAnimationFrame(() => document.getElementById("settings")?.focus());
}

export function Messages() {
  const messages = useSession(useShallow((session) => session.messages));
  if (messages.length === 0) return null;
  return (
    <section className={css["messages"]} aria-label="Messages">
      {messages.map((message) => (message.type === "failure" ? <Alert key={message.key} message={message} /> : <Notice key={message.key} message={message} />))}
    </section>
  );
}

function Alert({ message }: { readonly message: Extract<Message, { type: "failure" }> }) {
  const studio = useStudio();
  // The run's phase decides which remedies fit.
  useSession((session) => session.run?.phase);
  const { failure, count } = message;
  return (
    <div role="alert" className={css["alert"]}>
      <CircleAlert aria-hidden className={css["icon"]} size="1.35em" strokeWidth={1.75} />
      <div className={css["text"]}>
        <h2>
          {headingOf(failure)}
          {count > 1 ? <span className={css["count"]}> {count} times</span> : null}
        </h2>
        <p>{failure.message}</p>
        <p>{failure.hint}</p>
      </div>
      <div className={css["actions"]}>
        {remediesFor(failure, studio).map(({ label, act }) => (
          <Button key={label} onPress={() => act(studio)}>
            {label}
          </Button>
        ))}
        <Button look="plain" icon={X} compact="always" onPress={() => dismiss(studio, message.key)}>
          Dismiss
        </Button>
      </div>
    </div>
  );
}

function Notice({ message }: { readonly message: Extract<Message, { type: "notice" }> }) {
  const studio = useStudio();
  return (
    <div className={css["notice"]}>
      <Info aria-hidden className={css["icon"]} size="1.35em" strokeWidth={1.75} />
      <p className={css["text"]}>{message.text}</p>
      <div className={css["actions"]}>
        <Button look="plain" icon={X} compact="always" onPress={() => dismiss(studio, message.key)}>
          Dismiss
        </Button>
      </div>
    </div>
  );
}
