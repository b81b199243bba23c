/**
 * Starts the studio in a page. In: a way to connect to the workers (the real ones, or a stand-in while developing). Out: the
 * rendered page, `data-ready` on the root element once it can be used. The workers start only in the tab that may write.
 */
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { useStore } from "zustand";
import type { Connect } from "../worker/connect";
import { App } from "./App";
import { StudioProvider } from "./components/StudioContext";
import { OtherTab } from "./OtherTab";
import { createStudio, openStudio } from "./state/openStudio";
import { openPreferences } from "./state/preferences";
import { readRoute } from "./state/route";
import { letGo } from "./state/runControl";
import type { Studio } from "./state/studio";
import { applyTheme, followTheme } from "./state/theme";
import { contendForWriter, type Writer } from "./state/writerLock";
import "./theme/base.css";

interface Opening {
  readonly studio: Studio;
  /** Resolves when the device is open and the form is filled. */
  readonly opened: Promise<void>;
}

function Page({ writer, open }: { readonly writer: Writer; readonly open: () => Opening }) {
  const { role } = useStore(writer.store);
  const [studio, setStudio] = useState<Studio | null>(null);
  useEffect(() => {
    if (role !== "writer") {
      setStudio(null);
      if (role !== "asking") markReady();
      return;
    }
    const opening = open();
    setStudio(opening.studio);
    void opening.opened.then(markReady);
  }, [role, open]);
  if (role === "second" || role === "displaced") return <OtherTab writer={writer} />;
  if (!studio) return null;
  return (
    <StudioProvider studio={studio}>
      <App />
    </StudioProvider>
  );
}

function markReady(): void {
  document.documentElement.dataset["ready"] = "true";
}

export async function mountStudio(connect: Connect): Promise<void> {
  applyTheme("system");
  const preferences = await openPreferences();
  followTheme(preferences);
  let opening: Opening | undefined;
  const writer = contendForWriter(async () => {
    if (!opening) return;
    await letGo(opening.studio);
    // The workers let go of their files, so that the next tab can open them as soon as it has the lock.
    opening.studio.connection.close();
  });
  writer.store.subscribe(({ role }) => {
    if (role !== "displaced") return;
    opening?.studio.connection.close();
    opening = undefined;
  });
  // React may ask twice; there is one studio for as long as this tab is the writer.
  const open = (): Opening => {
    if (opening) return opening;
    const studio = createStudio(connect, preferences);
    opening = { studio, opened: openStudio(studio, readRoute(location.hash)) };
    return opening;
  };
  const root = document.getElementById("studio");
  if (!root) throw new Error("The page has no element with the id studio.");
  createRoot(root).render(
    <StrictMode>
      <Page writer={writer} open={open} />
    </StrictMode>,
  );
}
