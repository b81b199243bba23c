/** The steps there are, by group, with a search. In: the steps. Out: the id of the one chosen. */
import { Plus } from "lucide-react";
import { Autocomplete, Collection, Dialog, DialogTrigger, Header, Input, Menu, MenuItem, MenuSection, Popover, SearchField, Text, useFilter } from "react-aria-components";
import { useState } from "react";
import type { StepInfo } from "../../../../worker/protocol";
import { hasWords, wordsOfStep } from "../../../state/stepSearch";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import css from "./CleanTab.module.css";

const GROUPS: readonly StepInfo["group"][] = ["Text", "Personal data", "Duplicates", "Quality", "Table", "Leakage"];

export interface AddStepProps {
  readonly steps: readonly StepInfo[];
  readonly onAdd: (id: string) => void;
}

export function AddStep({ steps, onAdd }: AddStepProps) {
  const [isOpen, setOpen] = useState(false);
  const { contains } = useFilter({ sensitivity: "base" });
  const groups = GROUPS.map((group) => ({ id: group, steps: steps.filter((step) => step.group === group) })).filter((group) => group.steps.length > 0);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <Button icon={Plus}>Add step</Button>
      <Popover className={css["popover"] ?? ""} placement="bottom start">
        <Dialog aria-label="Add a cleaning step">
          <Autocomplete filter={(words, typed) => hasWords(words, typed, contains)}>
            <SearchField aria-label="Search steps" autoFocus className={css["search"] ?? ""}>
              <Input placeholder="Search steps" className={fields["control"] ?? ""} />
            </SearchField>
            <Menu
              aria-label="Cleaning steps" items={groups} renderEmptyState={() => <p className={css["group"]}>No step does this.</p>}
              onAction={(key) => {
                setOpen(false);
                onAdd(String(key));
              }}
            >
              {(group) => (
                <MenuSection id={group.id}>
                  <Header className={css["group"] ?? ""}>{group.id}</Header>
                  <Collection items={group.steps}>
                    {(step) => (
                      <MenuItem id={step.id} textValue={wordsOfStep(step)} className={css["option"] ?? ""}>
                        <Text slot="label">{step.label}</Text>
                        <small>{step.summary}</small>
                      </MenuItem>
                    )}
                  </Collection>
                </MenuSection>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
