/**
 * A checkpoint is everything a run needs to go on, bit for bit. In: that state. Out: one file, and the state again, or the
 * reason why not. The file is a fixed header, a manifest as JSON, and the sections (arenas, history) one after another. The
 * header is checked by its own SHA-256 and holds that of the manifest, which holds that of every section, so that no single
 * flipped bit passes and the manifest can be believed without reading the rest. No length is believed before it is checked.
 */
import { z } from "zod";
import type { FileReader } from "../data/store/fileStore";
import type { PreparedData } from "../data/types";
import { type Experiment, coreSchema } from "../settings/experiment";
import { FailureError } from "../settings/failure";
import type { RunHistory, ValidationPoint } from "../settings/run";

export const FORMAT_VERSION = 1;

/** The arena that must be finite to be saved. */
export const PARAMETERS = "parameters";

const count = z.int().min(0);

const tokenRange = z.tuple([count, count]);

const preparedDataSchema: z.ZodType<PreparedData> = z.object({
  datasetId: z.string(),
  datasetName: z.string(),
  tokenizerId: z.string(),
  tokenizer: z.string(),
  vocabularySize: count,
  shard: z.string(),
  bytesPerToken: z.union([z.literal(1), z.literal(2), z.literal(4)]),
  tokens: count,
  trainTokens: count,
  hash: z.string(),
  baselines: z.object({ uniform: z.number(), unigram: z.number(), bigram: z.number() }),
  sources: z.array(z.object({ datasetId: z.string(), datasetName: z.string(), share: z.number(), train: tokenRange, validation: tokenRange })).exactOptional(),
  provenance: z.array(z.string()).exactOptional(),
  unit: z.object({ one: z.string(), many: z.string() }).exactOptional(),
  notes: z.array(z.string()).exactOptional(),
});

const settingsSchema = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).transform((stored, context) => {
  const defaults = coreSchema.parse({});
  const settings = { ...defaults, ...stored };
  for (const [id, value] of Object.entries(defaults)) {
    if (typeof settings[id as keyof typeof defaults] !== typeof value) context.addIssue(`"${id}" is not a ${typeof value}.`);
  }
  return settings as Experiment;
});

const costSchema = z.object({ secondsPerStep: z.number(), memoryBytes: count });

const manifestSchema = z.object({
  runId: z.string(),
  name: z.string(),
  /** Updates made so far. */
  step: count,
  /** Tokens trained on so far. */
  tokens: count,
  /** Active training time; pauses excluded. */
  seconds: z.number(),
  settings: settingsSchema,
  data: preparedDataSchema,
  /** Parameters of the model. */
  modelParameters: count,
  /** What the tuner chose, so that a resumed run computes with the same kernels. */
  kernelChoices: z.string(),
  /** What a step was predicted to cost before the first one, and what it has cost. */
  cost: z.object({ predicted: costSchema, measured: costSchema.extend({ steps: count }).exactOptional() }).exactOptional(),
  /** Windows of text drawn so far from each of `data.sources`, in their order. */
  seen: z.array(count).exactOptional(),
  /** Pieces that each batch was trained in, where the device could not hold it whole. */
  batchPieces: z.int().min(1).exactOptional(),
  /** Devices it was trained on, each with the step from which on; absent in older checkpoints. */
  devices: z.array(z.object({ runtime: z.enum(["webgpu", "cpu"]), name: z.string(), detail: z.string(), fromStep: count })).exactOptional(),
  /** Names of the columns of `history.metrics`. */
  metricColumns: z.array(z.string()).min(1),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  savedAt: z.number(),
});

export type CheckpointManifest = z.infer<typeof manifestSchema>;

export interface CheckpointState {
  readonly manifest: CheckpointManifest;
  /** What the GPU holds, by name: `parameters` and what the optimizer keeps. */
  readonly arenas: Readonly<Record<string, ArrayBuffer>>;
  readonly history: RunHistory;
}

const fileManifestSchema = z.object({
  run: manifestSchema,
  sections: z.array(z.object({ name: z.string().regex(/^[a-z]+:[\w.-]+$/i), bytes: count, sha256: z.string() })).max(64),
});

export type FileManifest = z.infer<typeof fileManifestSchema>;

// ------------------------------------------------------------------------------------------------ header

export const HEADER_BYTES = 128;
/** The header's own hash is its last 32 bytes; place and size of magic, version and hash stay the same in every version. */
const HASHED_BYTES = 96;
const MAGIC = new TextEncoder().encode("DESCENT1");
const LARGEST_MANIFEST = 64 * 2 ** 20;

export interface Header {
  readonly version: number;
  /** Counts the saves of a run: the larger is the newer. */
  readonly generation: number;
  readonly step: number;
  readonly manifestBytes: number;
  /** Manifest and sections. */
  readonly payloadBytes: number;
  readonly manifestHash: string;
}

type Bytes = Uint8Array<ArrayBuffer>;

async function hash(bytes: ArrayBuffer | Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as ArrayBuffer | Bytes));
}

const toHex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

export async function encodeHeader(header: Header): Promise<Bytes> {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, header.version, true);
  view.setUint32(12, header.manifestBytes, true);
  view.setBigUint64(16, BigInt(header.generation), true);
  view.setBigUint64(24, BigInt(header.step), true);
  view.setBigUint64(32, BigInt(header.payloadBytes), true);
  bytes.set(fromHex(header.manifestHash), 40);
  bytes.set(await hash(bytes.subarray(0, HASHED_BYTES)), HASHED_BYTES);
  return bytes;
}

/** Undefined when these are not the bytes of a whole header. */
export async function decodeHeader(bytes: Uint8Array): Promise<Header | undefined> {
  if (bytes.length < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return undefined;
  const own = toHex(bytes.subarray(HASHED_BYTES, HEADER_BYTES));
  if (own !== toHex(await hash(bytes.subarray(0, HASHED_BYTES)))) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  return {
    version: view.getUint32(8, true),
    manifestBytes: view.getUint32(12, true),
    generation: Number(view.getBigUint64(16, true)),
    step: Number(view.getBigUint64(24, true)),
    payloadBytes: Number(view.getBigUint64(32, true)),
    manifestHash: toHex(bytes.subarray(40, 72)),
  };
}

// ------------------------------------------------------------------------------------------------ writing

export interface EncodedCheckpoint {
  readonly header: Bytes;
  /** What follows the header, in order; views of the state, not copies. */
  readonly payload: readonly Bytes[];
  /** Of the whole file. */
  readonly bytes: number;
}

/** The state must not change until this is done and its parts are written. */
export async function encodeCheckpoint(state: CheckpointState, generation: number): Promise<EncodedCheckpoint> {
  const { manifest, history } = state;
  if (history.metrics.length % manifest.metricColumns.length !== 0) throw new RangeError("The metrics do not fill their last row.");
  const sections: [string, Bytes][] = [
    ...Object.entries(state.arenas).map(([name, buffer]): [string, Bytes] => [`arena:${name}`, new Uint8Array(buffer)]),
    ["history:metrics", bytesOf(history.metrics)],
    ["history:validation", bytesOf(packValidation(history.validation))],
    ["history:samples", new TextEncoder().encode(JSON.stringify(history.samples))],
  ];
  const described = await Promise.all(sections.map(async ([name, bytes]) => ({ name, bytes: bytes.length, sha256: toHex(await hash(bytes)) })));
  const json = JSON.stringify({ run: manifest, sections: described } satisfies FileManifest);
  // What could not be read again must not be promised to be saved.
  fileManifestSchema.parse(JSON.parse(json));
  const head = new TextEncoder().encode(json);
  const payload = [head, ...sections.map(([, bytes]) => bytes)];
  const payloadBytes = payload.reduce((sum, part) => sum + part.length, 0);
  const manifestHash = toHex(await hash(head));
  const header = await encodeHeader({ version: FORMAT_VERSION, generation, step: manifest.step, manifestBytes: head.length, payloadBytes, manifestHash });
  return { header, payload, bytes: HEADER_BYTES + payloadBytes };
}

function bytesOf(array: Float32Array | Float64Array): Bytes {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return array.buffer instanceof ArrayBuffer ? (bytes as Bytes) : bytes.slice();
}

const VALIDATION_COLUMNS = ["step", "tokens", "seconds", "loss"] as const;

/** As numbers and not as JSON, which has no NaN and no infinity. */
function packValidation(points: readonly ValidationPoint[]): Float64Array {
  return Float64Array.from(points.flatMap((point) => VALIDATION_COLUMNS.map((column) => point[column])));
}

function unpackValidation(values: Float64Array): ValidationPoint[] {
  return Array.from({ length: values.length / VALIDATION_COLUMNS.length }, (_, row) => {
    const [step, tokens, seconds, loss] = values.subarray(row * VALIDATION_COLUMNS.length);
    return { step: step!, tokens: tokens!, seconds: seconds!, loss: loss! };
  });
}

// ------------------------------------------------------------------------------------------------ reading

/** The manifest of a whole file, or undefined. `header` is whole and of this version. */
export async function readManifest(file: FileReader, header: Header): Promise<FileManifest | undefined> {
  const { manifestBytes, payloadBytes, manifestHash } = header;
  if (manifestBytes > LARGEST_MANIFEST || manifestBytes > payloadBytes || HEADER_BYTES + payloadBytes > file.size) return undefined;
  const bytes = await file.read(HEADER_BYTES, manifestBytes);
  if (bytes.length !== manifestBytes || toHex(await hash(bytes)) !== manifestHash) return undefined;
  const parsed = fileManifestSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
  if (!parsed.success) return undefined;
  const sectionBytes = parsed.data.sections.reduce((sum, section) => sum + section.bytes, 0);
  return manifestBytes + sectionBytes === payloadBytes ? parsed.data : undefined;
}

/** The whole state, or undefined when a section is not what the manifest says. */
export async function readState(file: FileReader, header: Header, { run, sections }: FileManifest): Promise<CheckpointState | undefined> {
  const arenas: Record<string, ArrayBuffer> = {};
  const history = new Map<string, ArrayBuffer>();
  let at = HEADER_BYTES + header.manifestBytes;
  for (const section of sections) {
    const bytes = await file.read(at, section.bytes);
    if (bytes.length !== section.bytes || toHex(await hash(bytes)) !== section.sha256) return undefined;
    const buffer = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    const [kind, name] = section.name.split(":") as [string, string];
    if (kind === "arena") arenas[name] = buffer as ArrayBuffer;
    else history.set(name, buffer as ArrayBuffer);
    at += section.bytes;
  }
  const [metrics, validation, samples] = ["metrics", "validation", "samples"].map((name) => history.get(name));
  if (!metrics || !validation || !samples) return undefined;
  return {
    manifest: run,
    arenas,
    history: {
      metrics: new Float32Array(metrics),
      validation: unpackValidation(new Float64Array(validation)),
      samples: samplesSchema.parse(JSON.parse(new TextDecoder().decode(samples))),
    },
  };
}

const samplesSchema = z.array(z.object({ step: count, prompt: z.string(), text: z.string() }));

// ------------------------------------------------------------------------------------------------ finite

const EXPONENT = 0x7f800000;

/** Whether an f32 is NaN or infinite, by its bits: all ones in the exponent. */
export function holdsNonFinite(buffer: ArrayBuffer): boolean {
  const words = new Uint32Array(buffer, 0, buffer.byteLength >>> 2);
  for (let i = 0; i < words.length; i += 1) if ((words[i]! & EXPONENT) === EXPONENT) return true;
  return false;
}

/** A diverged model must never replace the last good one. */
export function requireFinite({ manifest: { name, step }, arenas }: CheckpointState): void {
  const parameters = arenas[PARAMETERS];
  if (!parameters) throw new RangeError(`A checkpoint needs the arena "${PARAMETERS}".`);
  if (!holdsNonFinite(parameters)) return;
  throw new FailureError({
    kind: "diverged",
    message: `${name} has diverged: at step ${step} its weights hold NaN or infinity, so they were not saved.`,
    hint: "Go back to the last checkpoint, and lower the learning rate or clip gradients harder.",
    where: `step ${step}`,
  });
}
