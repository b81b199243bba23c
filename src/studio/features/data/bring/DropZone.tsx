/** Takes files and folders dropped anywhere on its children. In: drags. Out: imports; while a drag is over it, a frame that says so. */
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useStudio } from "../../../components/StudioContext";
import { bringFiles } from "../../../state/bringing";
import { failed } from "../../../state/settle";
import { report } from "../../../state/studio";
import css from "./DropZone.module.css";
import { readDropped } from "./readDropped";

export function DropZone({ className, children }: { readonly className: string | undefined; readonly children: ReactNode }) {
  const studio = useStudio();
  const [isOver, setOver] = useState(false);
  // Each child that the pointer enters or leaves says so too.
  const depth = useRef(0);
  const isFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const drop = async (transfer: DataTransfer) => {
    try {
      await bringFiles(studio, await readDropped(transfer));
    } catch (cause) {
      const message = `What was dropped could not be read: ${cause instanceof Error ? cause.message : String(cause)}`;
      report(studio, failed({ kind: "bad-file", message, hint: "Use Add files or Add folder instead." }).failure);
    }
  };
  return (
    <div
      className={`${css["zone"] ?? ""} ${className ?? ""}`}
      onDragEnter={(event) => {
        if (!isFiles(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (isFiles(event)) event.preventDefault();
      }}
      onDragLeave={() => {
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      }}
      onDrop={(event) => {
        if (!isFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        void drop(event.dataTransfer);
      }}
    >
      {children}
      {isOver ? (
        <div className={css["over"]} aria-hidden="true">
          <p>Drop to add. Nothing leaves this device.</p>
        </div>
      ) : null}
    </div>
  );
}
