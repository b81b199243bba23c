/** Who takes part. In: options, a size, the device. Out: names in order, Descent first: its losses are those that the others' must be. */

export const CONTENDERS = /** @type {const} */ ({
  descent: { title: "Descent", computesOn: "webgpu" },
  jax: { title: "jax-js", computesOn: "webgpu" },
  tfjs: { title: "TensorFlow.js", computesOn: "webgpu" },
  "descent-cpu": { title: "Descent CPU", computesOn: "cpu" },
  "jax-wasm": { title: "jax-js WASM", computesOn: "cpu" },
  "tfjs-wasm": { title: "TensorFlow.js WASM", computesOn: "cpu" },
  torch: { title: "PyTorch", computesOn: "outside" },
});

/** @typedef {import("./result").ContenderName} ContenderName */
/** @typedef {import("./options.mjs").Options["host"]} Host */

/** All but the first, by host. @type {Readonly<Record<Host, readonly ContenderName[]>>} */
export const PEERS = {
  chromium: ["jax", "tfjs", "descent-cpu", "jax-wasm", "tfjs-wasm"],
  "chromium without WebGPU": ["jax-wasm", "tfjs-wasm"],
  node: [],
};

/** Whose step at L takes from half a minute to several: they have to be asked for. @type {readonly ContenderName[]} */
const TOO_SLOW_FOR_L = ["tfjs", "tfjs-wasm"];

/** @param {Host} host @returns {import("./result").OwnName} */
export const ownName = (host) => (host === "chromium without WebGPU" ? "descent-cpu" : "descent");

/**
 * L has batches of 64 on a real GPU, of which a processor makes few a minute: there those that compute on it have to be asked for, too.
 * @param {Pick<import("./options.mjs").Options, "host" | "peers" | "hasTorch">} options
 * @param {import("./sizes").SizeName} size
 * @param {boolean} isSlow
 * @returns {ContenderName[]}
 */
export function contendersAt({ host, peers, hasTorch }, size, isSlow) {
  const usual = PEERS[host].filter((name) => size !== "l" || !(TOO_SLOW_FOR_L.includes(name) || (CONTENDERS[name].computesOn === "cpu" && !isSlow)));
  return [ownName(host), ...(peers ?? usual), ...(hasTorch ? /** @type {const} */ (["torch"]) : [])];
}
