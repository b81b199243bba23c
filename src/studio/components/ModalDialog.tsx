/**
 * A dialog over the room: React Aria's focus and Escape, our look. In: whether it is open, its content with a heading in the
 * slot "title". Out: a centered dialog, or a drawer at the right edge.
 */
import type { ReactNode } from "react";
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import css from "./ModalDialog.module.css";

export interface ModalDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** "small" asks, "large" is worked in, "drawer" stands at the right edge. */
  readonly size: "small" | "large" | "drawer";
  readonly role?: "dialog" | "alertdialog";
}

export function ModalDialog({ isOpen, onClose, children, size, role = "dialog" }: ModalDialogProps) {
  const close = (open: boolean) => {
    if (!open) onClose();
  };
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={close} isDismissable={size === "drawer"} className={css["overlay"] ?? ""}>
      <Modal className={`${css["modal"] ?? ""} ${css[size] ?? ""}`}>
        <Dialog role={role} className={css["dialog"] ?? ""}>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
