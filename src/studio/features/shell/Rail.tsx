/**
 * The rooms of the house and, below them, the two things that belong to the whole page: its theme and its keys. In: the room
 * one is in. Out: links; the address is the state. Rooms that are not built are not listed.
 */
import { ChartSpline, Contrast, Database, Keyboard, type LucideIcon, MessageSquareText } from "lucide-react";
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useStore } from "zustand";
import { useStudio } from "../../components/StudioContext";
import { type Theme, THEMES } from "../../state/preferences";
import type { Room } from "../../state/route";
import css from "./Rail.module.css";

const LINKS: readonly { readonly room: Room; readonly label: string; readonly icon: LucideIcon }[] = [
  { room: "data", label: "Data", icon: Database },
  { room: "train", label: "Train", icon: ChartSpline },
  { room: "play", label: "Play", icon: MessageSquareText },
];

const THEME_NAMES: Record<Theme, string> = { system: "Like the system", light: "Light", dark: "Dark", projector: "Projector" };

export function Rail({ room, onKeys }: { readonly room: Room; readonly onKeys: () => void }) {
  return (
    <div className={css["rail"]}>
      <nav aria-label="Rooms" className={css["rooms"]}>
        {LINKS.map(({ room: target, label, icon: Icon }) => (
          <a key={target} href={`#/${target}`} aria-current={target === room ? "page" : undefined} className={css["item"]}>
            <Icon aria-hidden size="1.55em" strokeWidth={1.5} />
            {label}
          </a>
        ))}
      </nav>
      <div className={css["page"]}>
        <ThemeMenu />
        <Button className={css["item"] ?? ""} onPress={onKeys}>
          <Keyboard aria-hidden size="1.55em" strokeWidth={1.5} />
          Keys
        </Button>
      </div>
    </div>
  );
}

function ThemeMenu() {
  const { preferences } = useStudio();
  const theme = useStore(preferences, (state) => state.theme);
  return (
    <MenuTrigger>
      <Button className={css["item"] ?? ""}>
        <Contrast aria-hidden size="1.55em" strokeWidth={1.5} />
        Theme
      </Button>
      <Popover placement="right bottom" className={css["popover"] ?? ""}>
        <Menu
          aria-label="Theme"
          className={css["menu"] ?? ""}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[theme]}
          onSelectionChange={(keys) => {
            const chosen = THEMES.find((name) => keys !== "all" && keys.has(name));
            if (chosen) preferences.setState({ theme: chosen });
          }}
        >
          {THEMES.map((name) => (
            <MenuItem key={name} id={name} className={css["choice"] ?? ""}>
              {THEME_NAMES[name]}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
