/** Bringing in one's own text: choose files, drop them anywhere on the panel, or paste. In: files and words. Out: imports. */
import { FilePlus2 } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import fields from "../../components/fields.module.css";
import { useStudio } from "../../components/StudioContext";
import { importFiles, importText } from "../../state/datasets";
import css from "./DataRoom.module.css";

export function AddText() {
  const studio = useStudio();
  const id = useId();
  const [isOver, setOver] = useState(false);
  const accept = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setOver(true);
  };
  return (
    <section
      className={css["panel"]}
      aria-labelledby={`${id}-title`}
      data-over={isOver || undefined}
      onDragEnter={accept}
      onDragOver={accept}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void importFiles(studio, [...event.dataTransfer.files]);
      }}
    >
      <h2 id={`${id}-title`}>Bring your own text</h2>
      <div className={css["drop"]}>
        <input
          id={`${id}-files`}
          className={css["file"]}
          type="file"
          multiple
          aria-describedby={`${id}-files-help`}
          onChange={(event) => {
            void importFiles(studio, [...(event.currentTarget.files ?? [])]);
            // So that choosing the same file again, after it was mended, is a change.
            event.currentTarget.value = "";
          }}
        />
        <label htmlFor={`${id}-files`} className={css["choose"]}>
          <FilePlus2 aria-hidden size="1.2em" strokeWidth={1.75} />
          Add files
        </label>
        <span id={`${id}-files-help`} className={css["quiet"]}>
          or drop them here. Plain text in UTF-8 or UTF-16, of any size.
        </span>
      </div>
      <Paste />
    </section>
  );
}

function Paste() {
  const studio = useStudio();
  const id = useId();
  const [name, setName] = useState("");
  const [content, setContent] = useState("");
  const add = async () => {
    const added = await importText(studio, name.trim() || "Pasted text", content);
    if (!added) return;
    setName("");
    setContent("");
  };
  return (
    <form
      className={css["paste"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (content !== "") void add();
      }}
    >
      <label htmlFor={`${id}-paste`}>Paste text</label>
      <textarea
        id={`${id}-paste`}
        rows={3}
        className={`${fields["control"] ?? ""} ${fields["text"] ?? ""}`}
        value={content}
        onChange={(event) => setContent(event.currentTarget.value)}
      />
      <div className={css["name"]}>
        <label htmlFor={`${id}-name`}>Name</label>
        <input id={`${id}-name`} className={fields["control"]} value={name} placeholder="Pasted text" autoComplete="off" onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" isDisabled={content === ""}>
          Add
        </Button>
      </div>
    </form>
  );
}
