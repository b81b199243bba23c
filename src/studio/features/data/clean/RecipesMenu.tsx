/** Recipes under a name: saved here, or as files. In: the recipe that is written. Out: another one in its place, saved ones, a file. */
import { BookMarked, Download, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useStore } from "zustand";
import type { DatasetSummary, Recipe, StepInfo } from "../../../../worker/protocol";
import { download } from "../../../charts/download";
import { Button } from "../../../components/Button";
import fields from "../../../components/fields.module.css";
import { FileButton } from "../../../components/FileButton";
import { useStudio } from "../../../components/StudioContext";
import { changeRecipe, removeRecipe, saveRecipe } from "../../../state/cleaning";
import { readRecipeFile, recipeJson } from "../../../state/recipe";
import tools from "../tools.module.css";
import css from "./CleanTab.module.css";

export interface RecipesMenuProps {
  readonly dataset: DatasetSummary;
  readonly recipe: Recipe;
  readonly steps: readonly StepInfo[];
}

/** Bytes of a recipe file at most: a hundred steps with long settings. */
const LARGEST_FILE = 2_000_000;

export function RecipesMenu({ dataset, recipe, steps }: RecipesMenuProps) {
  return (
    <DialogTrigger>
      <Button look="plain" icon={BookMarked}>
        Recipes
      </Button>
      <Popover className={css["popover"] ?? ""} placement="bottom start">
        <Dialog aria-label="Recipes">
          {({ close }) => <Recipes dataset={dataset} recipe={recipe} steps={steps} onDone={close} />}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function Recipes({ dataset, recipe, steps, onDone }: RecipesMenuProps & { readonly onDone: () => void }) {
  const studio = useStudio();
  const saved = useStore(studio.tools.shelf, (shelf) => shelf.recipes);
  const [name, setName] = useState("");
  const [notes, setNotes] = useState<readonly string[]>([]);
  const load = (next: Recipe) => changeRecipe(studio, dataset, () => next);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "" && (await saveRecipe(studio, name.trim(), recipe))) setName("");
  };
  const read = async ([file]: readonly File[]) => {
    if (!file) return;
    if (file.size > LARGEST_FILE) return setNotes([`${file.name} is too large to be a recipe.`]);
    const answer = readRecipeFile(new TextDecoder().decode(await file.arrayBuffer()), steps);
    if (!answer.ok) return setNotes([answer.problem]);
    load(answer.steps);
    setName(answer.name);
    if (answer.notes.length === 0) onDone();
    else setNotes(answer.notes);
  };
  return (
    <div className={css["recipes"]}>
      {saved.length === 0 ? <p className={tools["quiet"]}>No recipe is saved yet. A saved one can be used on any dataset.</p> : null}
      <ul aria-label="Saved recipes">
        {saved.map((one) => (
          <li key={one.id}>
            <span id={`recipe-${one.id}`} dir="auto">{one.name}</span>
            <Button
              describedBy={`recipe-${one.id}`}
              onPress={() => {
                load(one.steps);
                onDone();
              }}
            >
              Load
            </Button>
            <Button look="plain" icon={Trash2} compact="always" onPress={() => void removeRecipe(studio, one.id)}>
              {`Remove ${one.name}`}
            </Button>
          </li>
        ))}
      </ul>
      <form className={css["save"]} onSubmit={(event) => void save(event)}>
        <input aria-label="Recipe name" className={fields["control"]} placeholder="Name" value={name} autoComplete="off" onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit" isDisabled={name.trim() === "" || recipe.length === 0}>
          Save recipe
        </Button>
      </form>
      <div className={tools["bar"]}>
        <Button icon={Download} isDisabled={recipe.length === 0} onPress={() => download(new Blob([recipeJson(name.trim() || dataset.name, recipe)], { type: "application/json" }), "recipe.json")}>
          Export
        </Button>
        <FileButton label="Import recipe" accept=".json,application/json" onFiles={(files) => void read(files)} />
      </div>
      {notes.map((note) => (
        <p key={note} role="alert" className={tools["problem"]}>
          {note}
        </p>
      ))}
    </div>
  );
}
