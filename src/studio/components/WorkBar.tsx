/** Long work: how far it is, in words and as a bar, and a way out. In: a fraction, or null where it is not known. Out: a press on Cancel. */
import { Button } from "./Button";
import css from "./WorkBar.module.css";

export interface WorkBarProps {
  /** Accessible name of the bar: "Counting". */
  readonly label: string;
  readonly text: string;
  readonly fraction: number | null;
  readonly onCancel: () => void;
}

export function WorkBar({ label, text, fraction, onCancel }: WorkBarProps) {
  return (
    <div className={css["work"]}>
      <span className={css["text"]}>{text}</span>
      <progress aria-label={label} max={1} {...(fraction === null ? {} : { value: fraction })} />
      <Button look="plain" onPress={onCancel}>
        Cancel
      </Button>
    </div>
  );
}
