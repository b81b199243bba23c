/** Everything that can be chosen, as plain data for the page. In: the registries. Out: the catalog. */
import type { z } from "zod";
import { tokenizers } from "../data/tokenizers/index";
import type { Catalog, CatalogEntry } from "../settings/experiment";
import { describeFields } from "../settings/field";
import { MODELS } from "./models/index";
import { OBJECTIVES } from "./objectives/index";
import { OPTIMIZERS } from "./optimizers/index";
import { SCHEDULES } from "./schedules/index";

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly settings: z.ZodObject;
}

const describe = ({ id, label, summary, settings }: Entry): CatalogEntry => ({ id, label, summary, fields: describeFields(settings) });

export function makeCatalog(): Catalog {
  return {
    tokenizers: tokenizers.map(describe),
    objectives: OBJECTIVES.map(describe),
    models: MODELS.map(describe),
    optimizers: OPTIMIZERS.map(describe),
    schedules: SCHEDULES.map(describe),
  };
}
