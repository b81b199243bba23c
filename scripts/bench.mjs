/** `npm run bench`: the benchmark lives in its own folder; this is its door. */
export { default } from "../bench/run.mjs";
