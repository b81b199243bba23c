/** A text that begins with a prompt: the prompt dimmed, what the model added in full ink. Used wherever a model speaks. */
import css from "./SpokenText.module.css";

export interface SpokenTextProps {
  readonly prompt: string;
  readonly text: string;
}

export function SpokenText({ prompt, text }: SpokenTextProps) {
  return (
    <p className={css["spoken"]}>
      <span className={css["prompt"]}>{prompt}</span>
      {text}
    </p>
  );
}
