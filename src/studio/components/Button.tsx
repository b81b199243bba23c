/**
 * The studio's button: React Aria's press behavior in our clothes. `primary` is the one action of the screen, `plain` has no
 * border. With an icon and `compact` the words become the accessible name where there is no room for them.
 */
import type { LucideIcon } from "lucide-react";
import { Button as AriaButton } from "react-aria-components";
import css from "./Button.module.css";

export interface ButtonProps {
  readonly children: string;
  readonly onPress?: () => void;
  readonly look?: "normal" | "primary" | "plain";
  readonly icon?: LucideIcon;
  /** "narrow": only the icon on narrow screens; "always": only the icon. */
  readonly compact?: "narrow" | "always";
  readonly isDisabled?: boolean;
  /** Of a button that says which of several is shown; absent for one that only does something. */
  readonly isPressed?: boolean;
  readonly describedBy?: string | undefined;
  readonly className?: string | undefined;
  readonly type?: "button" | "submit";
}

export function Button({ children, look = "normal", icon: Icon, compact, describedBy, className, isPressed, onPress, ...rest }: ButtonProps) {
  const classes = [css["button"], css[look], compact && css[compact], className].filter(Boolean).join(" ");
  return (
    <AriaButton
      {...rest}
      {...(onPress ? { onPress } : {})}
      {...(isPressed === undefined ? {} : { "aria-pressed": isPressed })}
      {...(describedBy ? { "aria-describedby": describedBy } : {})}
      className={classes}
    >
      {Icon ? <Icon aria-hidden size="1.2em" strokeWidth={1.75} /> : null}
      <span className={css["words"]}>{children}</span>
    </AriaButton>
  );
}
