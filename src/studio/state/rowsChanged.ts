/** A dataset's rows have become others (cleaned, restored). In: its id. Out: whatever the page knew about them is asked for anew. */
import { refreshDatasets } from "./datasets";
import type { Studio } from "./studio";

export async function rowsChanged(studio: Studio, id: string): Promise<void> {
  studio.previewer.forget(id);
  studio.tables.forget(id);
  studio.columnFacts.forget(id);
  await refreshDatasets(studio);
}
