/**
 * Bringing in one's own data: files, a folder, pasted text, an address, a new table. In: what a person has. Out: imports, at once
 * with everything detected, or through the preview where that is wished.
 */
import { FilePlus2, FolderPlus, Link2, Table2 } from "lucide-react";
import { useId, useRef, useState } from "react";
import { useStore } from "zustand";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { useStudio } from "../../../components/StudioContext";
import { bringFiles, bringText } from "../../../state/bringing";
import { AddressDialog } from "./AddressDialog";
import css from "./BringPanel.module.css";
import { NewTableDialog } from "./NewTableDialog";
import { fileSource } from "./readDropped";

export function BringPanel() {
  const studio = useStudio();
  const id = useId();
  const folder = useRef<HTMLInputElement>(null);
  const [asking, setAsking] = useState<"address" | "table" | null>(null);
  const take = (input: HTMLInputElement) => {
    void bringFiles(studio, [...(input.files ?? [])].map(fileSource));
    // So that choosing the same file again, after it was mended, is a change.
    input.value = "";
  };
  return (
    <section className={css["panel"]} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>Bring your own</h2>
      <div className={css["ways"]}>
        <span className={css["chooser"]}>
          <input id={`${id}-files`} className={css["file"]} type="file" multiple aria-describedby={`${id}-help`} onChange={(event) => take(event.currentTarget)} />
          <label htmlFor={`${id}-files`} className={css["choose"]}>
            <FilePlus2 aria-hidden size="1.2em" strokeWidth={1.75} />
            Add files
          </label>
        </span>
        <input ref={folder} type="file" hidden {...{ webkitdirectory: "" }} onChange={(event) => take(event.currentTarget)} />
        <Button icon={FolderPlus} onPress={() => folder.current?.click()}>
          Add folder
        </Button>
        <Button look="plain" icon={Link2} onPress={() => setAsking("address")}>
          From a URL
        </Button>
        <Button look="plain" icon={Table2} onPress={() => setAsking("table")}>
          New table
        </Button>
      </div>
      <p id={`${id}-help`} className={css["quiet"]}>
        Or drop files and folders anywhere here: CSV, JSON, Parquet, TFRecord, plain text, also in zip or gzip. They stay on this device.
      </p>
      <Paste />
      <Wishes />
      <AddressDialog isOpen={asking === "address"} onClose={() => setAsking(null)} />
      <NewTableDialog isOpen={asking === "table"} onClose={() => setAsking(null)} />
    </section>
  );
}

function Paste() {
  const studio = useStudio();
  const id = useId();
  const [name, setName] = useState("");
  const [content, setContent] = useState("");
  const add = async () => {
    if (!(await bringText(studio, name.trim() || "Pasted text", content))) return;
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
        rows={2}
        dir="auto"
        placeholder="A text, or rows copied from a spreadsheet"
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

function Wishes() {
  const { preferences } = useStudio();
  const previewImports = useStore(preferences, (state) => state.previewImports);
  const joinFiles = useStore(preferences, (state) => state.joinFiles);
  return (
    <div className={css["wishes"]}>
      <label>
        <input type="checkbox" checked={previewImports === "on"} onChange={(event) => preferences.setState({ previewImports: event.currentTarget.checked ? "on" : "off" })} />
        Preview before adding
      </label>
      <label>
        <input type="checkbox" checked={joinFiles === "on"} onChange={(event) => preferences.setState({ joinFiles: event.currentTarget.checked ? "on" : "off" })} />
        Several files make one dataset
      </label>
    </div>
  );
}
