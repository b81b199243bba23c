/** The security headers of every response, `.js` and `.wasm` included (a worker's own response carries its policy). */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

export const SECURITY_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' data: blob:; " +
    "style-src 'self'; font-src 'self'; manifest-src 'self'; frame-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types app default",
  ...ISOLATION,
  "Permissions-Policy":
    "camera=(), microphone=(), geolocation=(), usb=(), serial=(), bluetooth=(), hid=(), payment=(), display-capture=()",
};

/**
 * The dev server injects inline scripts and styles to update modules in place, and in the benchmark jax-js starts workers from text that
 * it makes, so both go without the content policy.
 */
export const DEV_HEADERS = ISOLATION;
