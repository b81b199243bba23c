/** The keys of the page and the switch that turns single keys off (WCAG 2.2, 2.1.4). In: whether it is open. Out: a dialog. */
import { X } from "lucide-react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useStore } from "zustand";
import { Button } from "../../components/Button";
import fields from "../../components/fields.module.css";
import { useStudio } from "../../components/StudioContext";
import css from "./KeysDialog.module.css";

const KEYS: readonly (readonly [string, string])[] = [
  ["Space", "Train, Pause or Resume"],
  [".", "Step: one update, then paused"],
  ["p", "Performance: time by kernel, memory by purpose"],
  ["?", "This sheet"],
];

export function KeysDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { preferences } = useStudio();
  const shortcuts = useStore(preferences, (state) => state.shortcuts);
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={onClose} isDismissable className={css["overlay"] ?? ""}>
      <Modal className={css["modal"] ?? ""}>
        <Dialog className={css["dialog"] ?? ""}>
          <div className={css["head"]}>
            <Heading slot="title">Keys</Heading>
            <Button look="plain" icon={X} compact="always" onPress={onClose}>
              Close
            </Button>
          </div>
          <dl className={css["keys"]}>
            {KEYS.map(([key, meaning]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <p className={css["note"]}>They work while no field or button has the focus. In number fields, the arrow keys step the value.</p>
          <label className={css["switch"]}>
            <span>Single-key shortcuts</span>
            <input
              type="checkbox"
              role="switch"
              className={fields["switch"]}
              checked={shortcuts === "on"}
              onChange={(event) => preferences.setState({ shortcuts: event.currentTarget.checked ? "on" : "off" })}
            />
          </label>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
