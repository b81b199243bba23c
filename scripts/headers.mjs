/** The security headers of every response, `.js` and `.wasm` included (a worker's own response carries its policy). */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

/** @param {string} connect what fetch and its kin may reach */
const policy = (connect) =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src ${connect}; img-src 'self' data: blob:; ` +
  "style-src 'self'; font-src 'self'; manifest-src 'self'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types app default";

export const SECURITY_HEADERS = {
  "Content-Security-Policy": policy("'self'"),
  ...ISOLATION,
  "Permissions-Policy":
    "camera=(), microphone=(), geolocation=(), usb=(), serial=(), bluetooth=(), hid=(), payment=(), display-capture=()",
};

/**
 * The dev server injects inline scripts and styles to update modules in place, and in the benchmark jax-js starts workers from text that
 * it makes, so both go without the content policy.
 */
export const DEV_HEADERS = ISOLATION;

/**
 * One script may reach other servers: the worker that fetches a file by the address a person typed. It is given the address and nothing else.
 */
const DOWNLOADER = /^assets\/download\.worker-[\w-]+\.js$/;

/**
 * The headers of one file.
 * @param {Readonly<Record<string, string>>} headers of every response
 * @param {string} path below the root, without a leading slash
 * @returns {Readonly<Record<string, string>>}
 */
export function headersFor(headers, path) {
  const isDownloader = "Content-Security-Policy" in headers && DOWNLOADER.test(path);
  return isDownloader ? { ...headers, "Content-Security-Policy": policy("http: https:") } : headers;
}
