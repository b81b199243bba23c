/**
 * Where data is collected, looked at and made ready. In: the list of the room's panes. Out: the frame: the title, the tabs of
 * the room, the pane that is open. What a pane does is its own business.
 */
import { TabPanel, Tabs } from "react-aria-components";
import { useStore } from "zustand";
import { TabBar } from "../../components/TabBar";
import { useStudio } from "../../components/StudioContext";
import { showPane } from "../../state/dataRoom";
import css from "./DataRoom.module.css";
import { ROOM_PANES } from "./roomPanes";

export function DataRoom() {
  const studio = useStudio();
  const pane = useStore(studio.dataRoom, (room) => room.pane);
  return (
    <main id="main" tabIndex={-1} className={css["room"]}>
      <Tabs className={css["tabs"] ?? ""} selectedKey={pane} onSelectionChange={(key) => showPane(studio, String(key))}>
        <header className={css["head"]}>
          <h1>Data</h1>
          <TabBar label="Parts of the Data room" tabs={ROOM_PANES} look="room" />
        </header>
        {ROOM_PANES.map(({ id, Pane }) => (
          <TabPanel key={id} id={id} className={css["pane"] ?? ""}>
            <Pane />
          </TabPanel>
        ))}
      </Tabs>
    </main>
  );
}
