/** A row of tabs in our clothes, for use inside React Aria's `Tabs`. In: ids and labels. Out: a tab list that scrolls sideways where it is narrow. */
import { Tab, TabList } from "react-aria-components";
import css from "./TabBar.module.css";

export interface TabBarProps {
  readonly label: string;
  readonly tabs: readonly { readonly id: string; readonly label: string }[];
  /** "room": beside the room's title; "inner": above a part of it. */
  readonly look: "room" | "inner";
}

export function TabBar({ label, tabs, look }: TabBarProps) {
  return (
    <TabList aria-label={label} className={`${css["bar"] ?? ""} ${css[look] ?? ""}`}>
      {tabs.map((tab) => (
        <Tab key={tab.id} id={tab.id} className={css["tab"] ?? ""}>
          {tab.label}
        </Tab>
      ))}
    </TabList>
  );
}
