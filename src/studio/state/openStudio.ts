/**
 * The making of a studio. In: a way to connect, the remembered preferences, the address. Out: a `Studio` whose device is open,
 * whose form is filled and whose earlier run, if a reload interrupted one, has been found.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Catalog } from "../../settings/experiment";
import type { Connect } from "../../worker/connect";
import type { Result } from "../../worker/protocol";
import { createAnnouncer } from "./announcer";
import { ColumnFacts } from "./columnFacts";
import { type DataRoom, NEW_DATA_ROOM } from "./dataRoom";
import { createDataTools } from "./dataTools";
import { type Draft, draftFrom, suggestedValues } from "./draft";
import { type Exporting, NEW_EXPORTING } from "./exporting";
import type { Imports } from "./importing";
import { createInspector } from "./inspection";
import { LiveFigures } from "./live";
import { MetricStore } from "./metricStore";
import { NEW_PERFORMANCE, type Performance } from "./performance";
import { NEW_PLAY, type Play } from "./play";
import type { Preferences } from "./preferences";
import { withTokenizers } from "./offeredTokenizers";
import { createPreviewer } from "./preview";
import { receive } from "./receive";
import type { Route } from "./route";
import { activeRun, NEW_SESSION, type Session } from "./session";
import { settle } from "./settle";
import { choicesOf, readForm, report, type Studio } from "./studio";
import { createTableFacts } from "./tableFacts";
import { TableViews } from "./tableView";

export function createStudio(connect: Connect, preferences: StoreApi<Preferences>): Studio {
  const session = createStore<Session>(() => NEW_SESSION);
  const connection = connect((event) => receive(studio, event));
  const studio: Studio = {
    connection,
    session,
    draft: createStore<Draft>(() => ({ values: {}, linkProblems: [] })),
    play: createStore<Play>(() => NEW_PLAY),
    performance: createStore<Performance>(() => NEW_PERFORMANCE),
    dataRoom: createStore<DataRoom>(() => NEW_DATA_ROOM),
    tools: createDataTools(connection.data),
    imports: createStore<Imports>(() => ({ entries: [] })),
    inspector: createInspector(connection.data),
    tables: new TableViews(connection.data),
    columnFacts: new ColumnFacts(connection.data),
    tableFacts: createTableFacts(),
    exporting: createStore<Exporting>(() => NEW_EXPORTING),
    preferences,
    previewer: createPreviewer(connection.data, connection.train, () => session.getState().catalog),
    live: new LiveFigures(),
    metrics: new MetricStore(),
    announcer: createAnnouncer((spoken) => session.setState({ spoken })),
  };
  return studio;
}

/** Opens the device and reads what there is; resolves when the page can be used, also when parts of it failed. */
export async function openStudio(studio: Studio, route: Route): Promise<void> {
  const { data, train } = studio.connection;
  const [device, catalog, datasets, tokenizers] = await Promise.all([
    settle(train.openDevice(studio.preferences.getState().machine)),
    settle(train.catalog().then((value): Result<Catalog> => ({ ok: true, value }))),
    settle(data.listDatasets()),
    settle(data.listTokenizers()),
  ]);
  for (const answer of [device, catalog, datasets, tokenizers]) if (!answer.ok) report(studio, answer.failure);
  studio.session.setState({
    device: device.ok ? device.value : null,
    catalog: catalog.ok ? withTokenizers(catalog.value, tokenizers.ok ? tokenizers.value : []) : null,
    datasets: datasets.ok ? datasets.value : [],
  });
  const found = await settle(train.findResumable());
  if (!found.ok) report(studio, found.failure);
  fillDraft(studio, route, found.ok && found.value !== null);
  if (found.ok && found.value && !route.shared) {
    studio.session.setState({ found: found.value });
    if (activeRun(studio.session.getState())) studio.live.update({ step: found.value.step, savedStep: found.value.savedStep });
  }
  studio.draft.subscribe(() => afterDraftChange(studio));
  afterDraftChange(studio);
}

function fillDraft(studio: Studio, route: Route, hasRun: boolean): void {
  const choices = choicesOf(studio);
  if (!choices) return;
  studio.draft.setState(draftFrom(choices, studio.preferences.getState().draft));
  studio.draft.setState({ linkProblems: [] });
  openLink(studio, route);
  if (route.shared && hasRun) {
    studio.draft.setState(({ linkProblems }) => ({
      linkProblems: [...linkProblems, "An earlier run is still saved; once you train with these settings, the new run is the one offered after a reload."],
    }));
  }
}

/** Puts the settings that an address carries into the form; they are shown and previewed, not started. */
export function openLink(studio: Studio, { shared }: Route): void {
  const choices = choicesOf(studio);
  if (!choices || !shared) return;
  if (!shared.ok) return studio.draft.setState({ linkProblems: [shared.problem] });
  studio.draft.setState(draftFrom(choices, shared.settings));
}

export function restoreSuggested(studio: Studio): void {
  const choices = choicesOf(studio);
  if (choices) studio.draft.setState({ values: suggestedValues(choices), linkProblems: [] });
}

function afterDraftChange(studio: Studio): void {
  const choices = choicesOf(studio);
  if (!choices) return;
  const { settings } = readForm(choices, studio.draft.getState().values);
  studio.previewer.ask(settings);
  if (settings) studio.preferences.setState({ draft: settings });
}
