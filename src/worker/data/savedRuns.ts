/** The runs that the train worker has saved, as the store lists them. In: the checkpoints on this disk. Out: what their manifests tell. */
import type { SavedRun } from "../../data/store/runs";
import { type CheckpointStore, openCheckpoints } from "../../training/checkpointStore";

export async function listSavedRuns(checkpoints: Pick<CheckpointStore, "listRuns"> = openCheckpoints()): Promise<SavedRun[]> {
  const runs = await checkpoints.listRuns();
  return runs.map(({ manifest: { runId: id, name, step, settings, data, savedAt: updatedAt } }) => ({ id, name, step, settings: JSON.stringify(settings), shard: data.shard, updatedAt }));
}
