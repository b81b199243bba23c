/**
 * The theme on the page. In: the choice of a person, or "system". Out: `data-theme` on the root element, which is all that
 * tokens.css looks at; "system" follows the operating system's light or dark as it changes.
 */
import type { StoreApi } from "zustand/vanilla";
import type { Preferences, Theme } from "./preferences";

const DARK = "(prefers-color-scheme: dark)";

export function applyTheme(theme: Theme): void {
  const shown = theme === "system" ? (matchMedia(DARK).matches ? "dark" : "light") : theme;
  document.documentElement.dataset["theme"] = shown;
}

export function followTheme(preferences: StoreApi<Preferences>): void {
  const apply = () => applyTheme(preferences.getState().theme);
  apply();
  preferences.subscribe(apply);
  matchMedia(DARK).addEventListener("change", apply);
}
