/** The tokenizers kept on this device. In: their list, files. Out: import, export, removal. */
import { Download, Trash2 } from "lucide-react";
import { useId } from "react";
import { useStore } from "zustand";
import type { SavedTokenizer } from "../../../../worker/protocol";
import { download } from "../../../charts/download";
import { Button } from "../../../components/Button";
import { FailureNote } from "../../../components/FailureNote";
import { FileButton } from "../../../components/FileButton";
import { useSession, useStudio } from "../../../components/StudioContext";
import { formatCount } from "../../../state/format";
import { exportTokenizer, importTokenizers, removeTokenizer } from "../../../state/tokenizers";
import tools from "../tools.module.css";
import css from "./Tokenizers.module.css";

export function SavedTokenizers() {
  const studio = useStudio();
  const { saved, failure, status } = useStore(studio.tools.tokenizers);
  return (
    <section className={tools["section"]} aria-labelledby="saved-tokenizers">
      <div className={tools["head"]}>
        <h3 id="saved-tokenizers">Saved</h3>
        <span className={tools["end"]}>
          <FileButton label="Import tokenizer" accept=".json,.txt,application/json,text/plain" choice="several" onFiles={(files) => void importTokenizers(studio, files)} />
        </span>
      </div>
      <FailureNote failure={failure} />
      {saved.length === 0 ? (
        <p className={tools["quiet"]}>{status === "reading" ? "Opening…" : "None yet. Characters and Bytes are always there; train one below, or import a tokenizer.json or a vocab.txt."}</p>
      ) : (
        <ul aria-label="Tokenizers" className={css["list"]}>
          {saved.map((one) => (
            <Item key={one.id} tokenizer={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Item({ tokenizer }: { readonly tokenizer: SavedTokenizer }) {
  const studio = useStudio();
  const id = useId();
  const kinds = useSession((session) => session.catalog?.tokenizers);
  const kind = kinds?.find((entry) => entry.id === tokenizer.kind)?.label ?? tokenizer.kind;
  const save = async () => {
    const made = await exportTokenizer(studio, tokenizer.id);
    if (made) download(made.file, made.name);
  };
  return (
    <li className={css["item"]}>
      <div className={css["words"]}>
        <b id={id} dir="auto">
          {tokenizer.name}
        </b>
        <span className={tools["quiet"]}>
          {kind} · {formatCount(tokenizer.vocabularySize)} tokens{tokenizer.trainedOn ? ` · from ${tokenizer.trainedOn}` : ""}
        </span>
        {tokenizer.notes.map((note) => (
          <span key={note} className={tools["quiet"]}>
            {note}
          </span>
        ))}
      </div>
      <Button look="plain" icon={Download} compact="always" describedBy={id} onPress={() => void save()}>
        Export
      </Button>
      <Button look="plain" icon={Trash2} compact="always" describedBy={id} onPress={() => void removeTokenizer(studio, tokenizer.id)}>
        Remove
      </Button>
    </li>
  );
}
