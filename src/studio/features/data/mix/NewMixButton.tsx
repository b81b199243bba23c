/** The way to a mix of several datasets, and its dialog. In: nothing. Out: an empty mix to fill. */
import { Blend } from "lucide-react";
import { Button } from "../../../components/Button";
import { useStudio } from "../../../components/StudioContext";
import { openNewMix } from "../../../state/mixes";
import { MixDialog } from "./MixDialog";

export function NewMixButton() {
  const studio = useStudio();
  return (
    <>
      <Button icon={Blend} onPress={() => openNewMix(studio)}>
        Mix datasets
      </Button>
      <MixDialog />
    </>
  );
}
