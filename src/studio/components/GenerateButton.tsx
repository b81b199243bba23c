/** Starts and ends an answer of the model. While one streams, the same place cancels it. In: the play store. Out: a button. */
import { useStore } from "zustand";
import { cancelGenerate, generate, playProblem } from "../state/play";
import { hasModel } from "../state/session";
import { Button } from "./Button";
import { useSession, useStudio } from "./StudioContext";

export function GenerateButton({ look = "normal" }: { readonly look?: "normal" | "primary" }) {
  const studio = useStudio();
  const status = useStore(studio.play, (play) => play.status);
  const problem = useStore(studio.play, playProblem);
  const ready = useSession(hasModel);
  if (status === "generating") {
    return (
      <Button look={look} onPress={() => void cancelGenerate(studio)}>
        Cancel
      </Button>
    );
  }
  return (
    <Button look={look} isDisabled={!ready || problem !== undefined} onPress={() => void generate(studio)}>
      Generate
    </Button>
  );
}
