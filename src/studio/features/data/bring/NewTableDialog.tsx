/** Asks for the name and the columns of a table to be typed. In: words. Out: an empty dataset whose grid takes the typing. */
import { type FormEvent, useId, useState } from "react";
import { Heading } from "react-aria-components";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { ModalDialog } from "../../../components/ModalDialog";
import { useStudio } from "../../../components/StudioContext";
import { newTable, readColumnNames } from "../../../state/bringing";
import type { BringDialogProps } from "./AddressDialog";
import css from "./BringPanel.module.css";

export function NewTableDialog({ isOpen, onClose }: BringDialogProps) {
  const studio = useStudio();
  const id = useId();
  const [name, setName] = useState("My table");
  const [typed, setTyped] = useState("text, label");
  const columns = readColumnNames(typed);
  const isReady = name.trim() !== "" && columns.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isReady) return;
    onClose();
    void newTable(studio, name.trim(), columns);
  };
  return (
    <ModalDialog isOpen={isOpen} onClose={onClose} size="small">
      <Heading slot="title">New table</Heading>
      <form className={css["form"]} onSubmit={submit}>
        <label htmlFor={`${id}-name`}>Name of the table</label>
        <input id={`${id}-name`} autoFocus className={fields["control"]} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <label htmlFor={`${id}-columns`}>Columns</label>
        <textarea
          id={`${id}-columns`}
          rows={2}
          className={fields["control"]}
          value={typed}
          aria-describedby={`${id}-help`}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <p id={`${id}-help`} className={css["quiet"]}>
          Names separated by commas. Then type in the grid: Enter opens a cell, Tab goes on to the next.
        </p>
        <footer>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit" isDisabled={!isReady}>
            {columns.length === 1 ? "Make 1 column" : `Make ${columns.length} columns`}
          </Button>
        </footer>
      </form>
    </ModalDialog>
  );
}
