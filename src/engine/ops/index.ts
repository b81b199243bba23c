/**
 * All ops, one line each: importing this file registers them, so that a program can find each by name.
 */
export * from "./elementwise";
export * from "./reduce";
export * from "./movement";
export * from "./rowViews";
export * from "./withGradients";
export * from "./gather";
export * from "./matmul/matmul";
export * from "./random";
export * from "./dropout";
export * from "./layerNorm";
export * from "./rmsNorm";
export * from "./softmax";
export * from "./crossEntropy";
export * from "./linearCrossEntropy";
export * from "./rotary";
export * from "./embedding";
export * from "./attention/attention";
export * from "./kvCache";
export * from "./sampling/sampleToken";
