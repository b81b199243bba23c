/**
 * The Trusted Types policy of the page and of each worker that starts workers: one `default` policy lets this origin's scripts start;
 * there is no createHTML, so no string can ever become markup. In: nothing. Out: the policy, once per document or worker.
 */
interface TrustedTypePolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): unknown;
  readonly defaultPolicy: unknown;
}

/** Lets script URLs of this origin through and nothing else. Call before the first worker starts. */
export function installTrustedTypes(): void {
  const factory = (globalThis as { trustedTypes?: TrustedTypePolicyFactory }).trustedTypes;
  if (!factory || factory.defaultPolicy) return;
  factory.createPolicy("default", {
    createScriptURL(url) {
      const { origin } = new URL(url, location.href);
      if (origin !== location.origin) throw new TypeError(`Descent runs scripts from its own origin only, not from ${origin}.`);
      return url;
    },
  });
}
