/**
 * Opens a WebGPU device. In: a `GPU` object (the engine never looks for one). Out: the device with the adapter's own limits, what
 * kernels may rely on, and facts for people. No adapter is an answer, not an error.
 */
import type { Target } from "../graph/op";

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly target: Target;
  readonly name: string;
  /** A software adapter: right, slow. */
  readonly software: boolean;
  readonly features: readonly string[];
  readonly subgroupSize: number | undefined;
  /** Everything the adapter says of itself (a driver's version, where it tells): what was measured on another is void. */
  readonly identity: string;
}

/** Limits asked for as high as the adapter goes; everything else stays at the default every device has. */
const WANTED_LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;
const WANTED_FEATURES = ["subgroups", "timestamp-query", "shader-f16"] as const;

export async function openDevice(gpu: GPU): Promise<OpenDevice | undefined> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return undefined;
  const requiredLimits = Object.fromEntries(WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const requiredFeatures = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const device = await adapter.requestDevice({ requiredLimits, requiredFeatures: [...requiredFeatures] });
  const { info } = adapter;
  const software = info.architecture === "swiftshader" || info.isFallbackAdapter === true || /llvmpipe|swiftshader|software/i.test(info.description);
  return {
    device,
    software,
    name: nameOf(info, software),
    features: requiredFeatures,
    subgroupSize: info.subgroupMaxSize > 0 ? info.subgroupMaxSize : undefined,
    identity: identify(info),
    target: {
      storageBuffers: device.limits.maxStorageBuffersPerShaderStage,
      bindingBytes: Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize),
      workgroupBytes: device.limits.maxComputeWorkgroupStorageSize,
      workgroupInvocations: device.limits.maxComputeInvocationsPerWorkgroup,
      subgroupSize: device.features.has("subgroups") && info.subgroupMinSize === info.subgroupMaxSize ? info.subgroupMaxSize : 0,
      f16: device.features.has("shader-f16"),
      choices: {},
    },
  };
}

/** What is text, a number or a yes. The members are getters of a prototype, some known to some browsers only. */
function identify(info: GPUAdapterInfo): string {
  const facts: [string, unknown][] = [];
  for (const name in info) facts.push([name, info[name as keyof GPUAdapterInfo]]);
  return JSON.stringify(facts.filter(([, fact]) => typeof fact !== "function" && typeof fact !== "object"));
}

function nameOf(info: GPUAdapterInfo, software: boolean): string {
  const words = info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "GPU";
  const name = software && info.architecture === "swiftshader" ? "SwiftShader" : words;
  return software ? `${name} (software)` : name;
}
