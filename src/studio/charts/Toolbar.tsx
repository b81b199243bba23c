/** The controls of a chart: segmented choices, smoothing, help, table, and a menu with everything that has no button. */
import { Ellipsis, Info, Snowflake, Table2 } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button, Dialog, DialogTrigger, Label, Menu, MenuItem, MenuTrigger, Popover, Slider, SliderOutput, SliderThumb, SliderTrack, ToggleButton,
  ToggleButtonGroup, Tooltip, TooltipTrigger,
} from "react-aria-components";
import styles from "./charts.module.css";

interface Choice<T extends string> {
  readonly id: T;
  readonly text: string;
}

/** One of a few, all visible. */
export function Segments<T extends string>({ label, choices, value, onChange }: {
  label: string; choices: readonly Choice<T>[]; value: T; onChange: (value: T) => void;
}) {
  return (
    <ToggleButtonGroup
      className={styles.segments ?? ""} aria-label={label} selectionMode="single" disallowEmptySelection selectedKeys={[value]}
      onSelectionChange={(keys) => {
        const chosen = choices.find(({ id }) => keys.has(id));
        if (chosen) onChange(chosen.id);
      }}
    >
      {choices.map(({ id, text }) => <ToggleButton key={id} id={id} className={styles.segment ?? ""}>{text}</ToggleButton>)}
    </ToggleButtonGroup>
  );
}

export function SmoothingSlider({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  return (
    <Slider
      className={styles.slider ?? ""} value={value} minValue={0} maxValue={0.99} step={0.01}
      onChange={(next) => onChange(Array.isArray(next) ? (next[0] ?? 0) : next)}
    >
      <Label>Smoothing</Label>
      <SliderTrack className={styles.track ?? ""}>
        <SliderThumb className={styles.thumb ?? ""} />
      </SliderTrack>
      <SliderOutput>{({ state }) => state.getThumbValue(0).toFixed(2)}</SliderOutput>
    </Slider>
  );
}

export function Help({ title, children }: { title: string; children: ReactNode }) {
  return (
    <DialogTrigger>
      <Button className={styles.icon ?? ""} aria-label={`About ${title.toLowerCase()}`}><Info size={14} aria-hidden="true" /></Button>
      <Popover className={styles.popover ?? ""} placement="bottom end">
        <Dialog className={styles.help ?? ""} aria-label={`About ${title.toLowerCase()}`}>{children}</Dialog>
      </Popover>
    </DialogTrigger>
  );
}

export function TableToggle({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <TooltipTrigger delay={400}>
      <ToggleButton className={styles.icon ?? ""} aria-label="View as table" isSelected={isOn} onChange={onChange}>
        <Table2 size={14} aria-hidden="true" />
      </ToggleButton>
      <Tooltip className={styles.hint ?? ""} placement="bottom">View as table</Tooltip>
    </TooltipTrigger>
  );
}

export function FreezeToggle({ isOn, onChange }: { isOn: boolean; onChange: () => void }) {
  return (
    <TooltipTrigger delay={400}>
      <ToggleButton className={styles.icon ?? ""} aria-label="Freeze view" isSelected={isOn} onChange={onChange}>
        <Snowflake size={14} aria-hidden="true" />
      </ToggleButton>
      <Tooltip className={styles.hint ?? ""} placement="bottom">Freeze view; training goes on</Tooltip>
    </TooltipTrigger>
  );
}

export interface Action {
  readonly id: string;
  readonly text: string;
  /** The key that does the same on a focused plot. */
  readonly keys?: string;
  readonly run: () => void;
}

export function ActionMenu({ title, actions }: { title: string; actions: readonly Action[] }) {
  return (
    <MenuTrigger>
      <Button className={styles.icon ?? ""} aria-label={`More for ${title.toLowerCase()}`}><Ellipsis size={14} aria-hidden="true" /></Button>
      <Popover className={styles.popover ?? ""} placement="bottom end">
        <Menu className={styles.menu ?? ""} aria-label={title} onAction={(key) => actions.find(({ id }) => id === key)?.run()}>
          {actions.map(({ id, text, keys }) => (
            <MenuItem key={id} id={id} textValue={text} className={styles.item ?? ""}>
              <span>{text}</span>
              {keys && <kbd>{keys}</kbd>}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
