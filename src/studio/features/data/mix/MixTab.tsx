/** What a mix is made of. In: the mix as a dataset. Out: its parts with their shares, and the way to change them. */
import { useEffect, useState } from "react";
import type { DatasetSummary, Failure, Mix } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import { ShareBar } from "../../../components/ShareBar";
import { useSession, useStudio } from "../../../components/StudioContext";
import { formatShare } from "../../../state/format";
import { mixShares, openMix } from "../../../state/mixes";
import { settle } from "../../../state/settle";
import tools from "../tools.module.css";

export function MixTab({ dataset }: { readonly dataset: DatasetSummary }) {
  const studio = useStudio();
  const datasets = useSession((session) => session.datasets);
  const [mix, setMix] = useState<Mix | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    let isShown = true;
    void settle(studio.connection.data.readMix(dataset.id)).then((answer) => {
      if (!isShown) return;
      if (answer.ok) setMix(answer.value);
      else setFailure(answer.failure);
    });
    return () => {
      isShown = false;
    };
  }, [studio, dataset]);
  if (failure) return <FailureNote failure={failure} />;
  if (!mix) return <p className={tools["quiet"]}>Opening…</p>;
  const shares = mixShares(mix.parts);
  return (
    <div className={tools["tool"]}>
      <section className={tools["section"]} aria-label="Parts of the mix">
        <table className={tools["table"]}>
          <thead>
            <tr>
              <th scope="col">Dataset</th>
              <th scope="col" className={tools["wide"]}>
                <span className="said">Bar</span>
              </th>
              <th scope="col">Share of windows</th>
            </tr>
          </thead>
          <tbody>
            {mix.parts.map((part, index) => (
              <tr key={part.dataset}>
                <th scope="row" className={tools["name"]}>
                  <bdi>{datasets.find(({ id }) => id === part.dataset)?.name ?? "A dataset that is gone"}</bdi>
                </th>
                <td>
                  <ShareBar share={shares[index] ?? 0} />
                </td>
                <td>{formatShare(shares[index] ?? Number.NaN)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <div className={tools["bar"]}>
          <Button onPress={() => void openMix(studio, dataset.id)}>Edit mix</Button>
        </div>
      </section>
    </div>
  );
}
