/**
 * Fetches a file that the user named by its address. In: an http(s) address. Out: the file, held by the browser rather than in the worker's heap,
 * or a failure that says who refused: the address, the server, its owner's wish not to be read by other pages (CORS), or this page's own
 * policy. Nothing about the user is sent along.
 */
import { FailureError } from "../../settings/failure";
import { canceled } from "../formats/readBytes";

export interface FetchContext {
  readonly signal?: AbortSignal;
  /** `total` is 0 where the server does not say. */
  readonly onProgress?: (bytes: number, total: number) => void;
  /** For tests. */
  readonly fetch?: typeof fetch;
}

/** Of one download. */
const MOST_BYTES = 4 * 2 ** 30;
/** Pieces are handed to the browser in parts of this size. */
const PART_BYTES = 2 ** 24;
const DOWNLOAD = "Download it with the browser, and add the file.";

const refuse = (message: string, hint: string, where: string, cause?: unknown): FailureError => new FailureError({ kind: "bad-file", message, hint, where }, cause);

export async function fetchUrl(address: string, context: FetchContext = {}): Promise<File> {
  const url = parseAddress(address);
  const response = await request(url, context);
  if (!response.ok) {
    throw refuse(`${url.host} answered ${response.status}${response.statusText ? ` (${response.statusText})` : ""} instead of the file.`, response.status === 404 ? "Check the address: the file is not there." : `Check that the address needs no sign-in. ${DOWNLOAD}`, address);
  }
  const name = nameOf(url);
  return new File([await receive(response, name, context)], name, { type: response.headers.get("content-type") ?? "" });
}

function parseAddress(address: string): URL {
  const trimmed = address.trim();
  // "host:8080/x" parses as an address of the scheme "host:", so the scheme is looked at first.
  const url = URL.parse?.(trimmed) ?? parseOrNull(trimmed);
  if (!url) throw refuse(`"${trimmed.slice(0, 100)}" is not an address.`, "An address begins with https:// and names a file.", address);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse(`Descent fetches files by http and https, not by ${url.protocol.slice(0, -1)}.`, DOWNLOAD, address);
  return url;
}

function parseOrNull(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

async function request(url: URL, { signal, fetch: send = fetch }: FetchContext): Promise<Response> {
  let isOwnPolicy = false;
  const notice = (): void => void (isOwnPolicy = true);
  globalThis.addEventListener?.("securitypolicyviolation", notice);
  try {
    return await send(url, { credentials: "omit", referrerPolicy: "no-referrer", ...(signal ? { signal } : {}) });
  } catch (error) {
    if (signal?.aborted) throw canceled(url.href);
    // Browsers tell a page only "failed", whatever the reason, and report a broken policy a moment later.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    if (isOwnPolicy) throw refuse(`This page's own security policy lets it reach no server but its own, so ${url.host} was not asked.`, DOWNLOAD, url.href, error);
    const isMixed = url.protocol === "http:" && globalThis.location?.protocol === "https:";
    throw refuse(
      isMixed ? `${url.host} is reached without encryption (http), which a secure page may not do.` : `${url.host} could not be read from this page: the server does not allow other pages to read it (CORS), or it cannot be reached.`,
      isMixed ? `Try https:// instead. ${DOWNLOAD}` : DOWNLOAD,
      url.href,
      error,
    );
  } finally {
    globalThis.removeEventListener?.("securitypolicyviolation", notice);
  }
}

async function receive(response: Response, name: string, { signal, onProgress }: FetchContext): Promise<Blob> {
  // What is packed on the way has another length than what arrives.
  const total = response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length") ?? 0);
  const [parts, reader]: [Blob[], ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined] = [[], response.body?.getReader()];
  let [waiting, held, bytes]: [Uint8Array<ArrayBuffer>[], number, number] = [[], 0, 0];
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const next = await reader?.read().catch((error: unknown) => {
        if (signal?.aborted) throw canceled(name);
        throw refuse(`The download of ${name} broke off after ${bytes.toLocaleString("en")} bytes.`, "Check the connection and try again.", name, error);
      });
      if (signal?.aborted) throw canceled(name);
      if (!next || next.done) break;
      bytes += next.value.length;
      if (bytes > MOST_BYTES) throw refuse(`${name} is larger than ${MOST_BYTES / 2 ** 30} GB.`, DOWNLOAD, name);
      waiting.push(next.value);
      held += next.value.length;
      if (held >= PART_BYTES) {
        parts.push(new Blob(waiting));
        [waiting, held] = [[], 0];
      }
      onProgress?.(bytes, total);
    }
    if (total > 0 && bytes < total) throw refuse(`The download of ${name} broke off after ${bytes.toLocaleString("en")} of ${total.toLocaleString("en")} bytes.`, "Check the connection and try again.", name);
    return new Blob([...parts, ...waiting]);
  } finally {
    signal?.removeEventListener("abort", stop);
    stop();
  }
}

/** The last part of the path, or the host where there is none. */
function nameOf(url: URL): string {
  const last = url.pathname.split("/").findLast((part) => part !== "");
  if (last === undefined) return url.host;
  try {
    return decodeURIComponent(last).replaceAll("/", "_");
  } catch {
    return last;
  }
}
