/** The product's entry: the studio on the real workers. */
import { connect, installTrustedTypes } from "../worker/connect";
import { mountStudio } from "./mount";

installTrustedTypes();
await mountStudio(connect);
