/** Asks before a dataset is removed for good. In: the dataset, or null. Out: a dialog whose first button keeps it. */
import { Heading } from "react-aria-components";
import type { DatasetSummary } from "../../../../worker/protocol";
import { Button } from "../../../components/Button";
import { ModalDialog } from "../../../components/ModalDialog";
import { useStudio } from "../../../components/StudioContext";
import { removeDataset } from "../../../state/datasets";
import { sizeText } from "../../../state/datasetWords";

export function RemoveDialog({ dataset, onClose }: { readonly dataset: DatasetSummary | null; readonly onClose: () => void }) {
  const studio = useStudio();
  return (
    <ModalDialog isOpen={dataset !== null} onClose={onClose} role="alertdialog" size="small">
      {dataset ? (
        <>
          <Heading slot="title" dir="auto">
            Remove {dataset.name}?
          </Heading>
          <p>{`${sizeText(dataset)}, with its cleaned version, recipe and split. The file it came from is not touched; nothing here can bring it back.`}</p>
          <footer>
            <Button onPress={onClose}>Keep</Button>
            <Button
              look="primary"
              onPress={() => {
                onClose();
                void removeDataset(studio, dataset.id);
              }}
            >
              Remove
            </Button>
          </footer>
        </>
      ) : null}
    </ModalDialog>
  );
}
