/** Tokenizers: what is here, learning another, seeing how they cut a text. In: the tools' state. Out: three sections side by side. */
import { useEffect } from "react";
import { useStudio } from "../../../components/StudioContext";
import { openTokenizers } from "../../../state/tokenizers";
import { cutText } from "../../../state/tokenView";
import css from "./Tokenizers.module.css";
import { SavedTokenizers } from "./SavedTokenizers";
import { TokenizerTraining } from "./TokenizerTraining";
import { TokenViewSection } from "./TokenViewSection";

export function TokenizersPane() {
  const studio = useStudio();
  useEffect(() => {
    void openTokenizers(studio);
    void cutText(studio);
  }, [studio]);
  return (
    <div className={css["pane"]}>
      <div className={css["side"]}>
        <SavedTokenizers />
        <TokenizerTraining />
      </div>
      <TokenViewSection />
    </div>
  );
}
