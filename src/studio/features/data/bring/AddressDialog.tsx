/** Asks for the address of a file on the web. In: what is typed. Out: an import; the one request that Descent makes on a person's word. */
import { type FormEvent, useId, useState } from "react";
import { Heading } from "react-aria-components";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { ModalDialog } from "../../../components/ModalDialog";
import { useStudio } from "../../../components/StudioContext";
import { bringAddress } from "../../../state/bringing";
import css from "./BringPanel.module.css";

export interface BringDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function AddressDialog({ isOpen, onClose }: BringDialogProps) {
  const studio = useStudio();
  const id = useId();
  const [address, setAddress] = useState("");
  const isAddress = /^https?:\/\/\S+\.?\S/.test(address.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isAddress) return;
    onClose();
    void bringAddress(studio, address.trim());
    setAddress("");
  };
  return (
    <ModalDialog isOpen={isOpen} onClose={onClose} size="small">
      <Heading slot="title">Add a file from the web</Heading>
      <form className={css["form"]} onSubmit={submit}>
        <label htmlFor={id}>Address of the file</label>
        <input
          id={id}
          type="url"
          autoFocus
          className={fields["control"]}
          placeholder="https://…/data.csv"
          value={address}
          aria-describedby={`${id}-help`}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <p id={`${id}-help`} className={css["quiet"]}>
          One file, or an archive of several, comes from that server straight to this device. The server learns this address and where the request comes from, as with any link that is opened; nothing else is sent. Many servers let only their own pages read their files (no CORS header). Then download the file with the browser, and add it.
        </p>
        <footer>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit" isDisabled={!isAddress}>
            Fetch
          </Button>
        </footer>
      </form>
    </ModalDialog>
  );
}
