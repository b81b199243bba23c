/** `npm run build`: the production build in `dist`, made anew. */
import { build, ensureInstalled } from "./setup.mjs";

export default async function run() {
  await ensureInstalled();
  await build();
}
