/**
 * Choosing a token on the device (choose.ts says what that means). In: V and the lanes that share the work. Out: one kernel of one
 * workgroup. Nothing is sorted: the key of the last token kept is found two bits at a time, by counting (or weighing) in each
 * pass the tokens at or above three thresholds: at most 16 passes for top-k, 16 for top-p, a few more for the rest. All sums are of
 * whole numbers, so lanes may add in any order. Lanes of a tree take every so many tokens, those of a subgroup a run of neighbors
 * each: then nobody reads what another has written, and no barrier is needed.
 */
import { type Kernel, groupKernel, read, write } from "../../wgsl/kernel";
import { PHILOX_WGSL } from "../../wgsl/philox";
import type { RowLanes } from "../../wgsl/rows";
import { NO_TOKEN, OFF, REQUEST } from "./choose";
import { WEIGHTS_WGSL } from "./weights";

/** Operands: logits, request, token, position, written, and the scratch `weights` of V words. */
export function sampleKernel(V: number, positions: number, { count: lanes, by }: RowLanes): Kernel {
  return groupKernel({
    label: "sampleToken",
    enables: lanes > 1 && by === "subgroup" ? ["subgroups"] : [],
    bindings: { logits: read("f32"), request: read("u32"), nextToken: write("u32"), nextPosition: write("u32"), nowWritten: write("u32"), weights: write("u32") },
    constants: { V, LANES: lanes, CHUNK: Math.ceil(V / lanes), POSITIONS: positions, ...Object.fromEntries(REQUEST.map((name, at) => [name.toUpperCase(), at])) },
    declarations: [PHILOX_WGSL, WEIGHTS_WGSL, lanes === 1 ? ALONE : by === "subgroup" ? SUBGROUP : together(lanes), searchText(V, eachOf(by))].join("\n"),
    workgroupSize: lanes,
    groups: 1,
    body: bodyText(eachOf(by)),
  });
}

/** Over the tokens of a lane. */
const eachOf = (by: RowLanes["by"]): string => (by === "tree" ? "for (var c = lane; c < V; c += LANES)" : "for (var c = lane * CHUNK; c < min(lane * CHUNK + CHUNK, V); c++)");

/** Three sums at once, uppers and lowers apart. */
const SUMS = "struct Sums { upper: vec3u, lower: vec3u }";

/** `addLanes`, `maxLanes`: over all lanes, the same result in each. `before`: what the lanes before this one have. */
const ALONE = `${SUMS}
fn addLanes(x: Sums, lane: u32) -> Sums { return x; }
fn maxLanes(x: u32, lane: u32) -> u32 { return x; }
fn before(x: vec2u, lane: u32) -> vec2u { return vec2u(); }
fn shareWeights() {}`;

const SUBGROUP = `${SUMS}
@diagnostic(off, subgroup_uniformity) fn addLanes(x: Sums, lane: u32) -> Sums { return Sums(subgroupAdd(x.upper), subgroupAdd(x.lower)); }
@diagnostic(off, subgroup_uniformity) fn maxLanes(x: u32, lane: u32) -> u32 { return subgroupMax(x); }
@diagnostic(off, subgroup_uniformity) fn before(x: vec2u, lane: u32) -> vec2u { return subgroupExclusiveAdd(x); }
fn shareWeights() {}`;

const together = (lanes: number): string => `${SUMS}
var<workgroup> sums: array<Sums, ${lanes}>;
var<workgroup> highest: array<u32, ${lanes}>;
var<workgroup> parts: array<vec2u, ${lanes}>;
fn addLanes(x: Sums, lane: u32) -> Sums {
  workgroupBarrier();
  sums[lane] = x;
  workgroupBarrier();
  for (var stride = ${lanes / 2}u; stride > 0u; stride >>= 1u) {
    if (lane < stride) { sums[lane] = Sums(sums[lane].upper + sums[lane + stride].upper, sums[lane].lower + sums[lane + stride].lower); }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&sums[0]);
}
fn maxLanes(x: u32, lane: u32) -> u32 {
  workgroupBarrier();
  highest[lane] = x;
  workgroupBarrier();
  for (var stride = ${lanes / 2}u; stride > 0u; stride >>= 1u) {
    if (lane < stride) { highest[lane] = max(highest[lane], highest[lane + stride]); }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&highest[0]);
}
fn before(x: vec2u, lane: u32) -> vec2u {
  workgroupBarrier();
  parts[lane] = x;
  workgroupBarrier();
  var sum = vec2u();
  for (var other = 0u; other < lane; other++) { sum += parts[other]; }
  return sum;
}
fn shareWeights() { storageBarrier(); }`;

const searchText = (V: number, each: string): string => `fn sumsFrom(keys: vec3u, byMass: bool, lane: u32) -> Sums {
  var all = Sums(vec3u(), vec3u());
  ${each} {
    let isIn = select(vec3u(), vec3u(1u), vec3u(keyOf(bitcast<u32>(logits[c]))) >= keys);
    let halves = halvesOf(select(1u, weights[c], byMass));
    all.upper += isIn * halves.x;
    all.lower += isIn * halves.y;
  }
  return addLanes(all, lane);
}
fn sumAbove(key: u32, byMass: bool, lane: u32) -> vec2u {
  let all = sumsFrom(vec3u(key + 1u), byMass, lane);
  return carried(vec2u(all.upper.x, all.lower.x));
}
// The highest key such that the tokens at or above it reach the goal; those at or above the floor are known to. Once a count is exactly
// the goal, the key below will do: all that is above it is kept, and nothing at it.
fn findKey(goal: vec2u, byMass: bool, floor: u32, lane: u32) -> u32 {
  var found = 0u;
  for (var digit = 0u; digit < 16u; digit++) {
    let unit = 1u << (30u - 2u * digit);
    let keys = vec3u(found) + vec3u(unit, 2u * unit, 3u * unit);
    let three = sumsFrom(keys, byMass, lane);
    var count = 0u;
    var isExact = false;
    for (var i = 0u; i < 3u; i++) {
      let sum = carried(vec2u(three.upper[i], three.lower[i]));
      if (keys[i] <= floor || reaches(sum, goal)) {
        count = i + 1u;
        isExact = !byMass && all(sum == goal);
      }
    }
    found += count * unit;
    if (isExact) { return found - 1u; }
  }
  return found;
}
// The fewest tokens of this weight that, with what is above them, reach the goal.
fn fewestTies(above: vec2u, weight: u32, goal: vec2u) -> u32 {
  var short = 0u;
  for (var unit = ${2 ** Math.floor(Math.log2(V))}u; unit > 0u; unit >>= 1u) {
    if (!reaches(carried(above + (short + unit) * halvesOf(weight)), goal)) { short += unit; }
  }
  return short + 1u;
}
fn finish(token: u32) {
  let position = nextPosition[0];
  if (position < POSITIONS) { nowWritten[position] = token; }
  nextToken[0] = token;
  nextPosition[0] = position + 1u;
}`;

const bodyText = (each: string): string => `  let word = philox(vec4u(nextPosition[0] + request[OFFSET], 0u, 0u, 0u), vec2u(request[KEY0], request[KEY1])).x;
  var own = 0u;
  ${each} { own = max(own, keyOf(bitcast<u32>(logits[c]))); }
  let top = maxLanes(own, lane);
  if (request[STEEPNESS] == 0u || top == 0u) {
    // Of several the first: the largest V − c.
    var left = 0u;
    ${each} { left = max(left, select(0u, V - c, keyOf(bitcast<u32>(logits[c])) == top)); }
    let first = V - maxLanes(left, lane);
    if (lane == 0u) { finish(select(first, ${NO_TOKEN}u, top == 0u)); }
    return;
  }
  let steepness = bitcast<f32>(request[STEEPNESS]);
  let farthest = bitcast<f32>(request[FARTHEST]);
  var mine = Sums(vec3u(), vec3u());
  ${each} {
    let key = keyOf(bitcast<u32>(logits[c]));
    let weight = weightOfKey(key, top, steepness, farthest);
    weights[c] = weight;
    let halves = halvesOf(weight);
    mine.upper.x += halves.x;
    mine.lower += vec3u(halves.y, select(0u, 1u, key > 0u), 0u);
  }
  let all = addLanes(mine, lane);
  var total = carried(vec2u(all.upper.x, all.lower.x));
  // Kept are the tokens above the edge and the first \`ties\` of those at it.
  var edge = 0u;
  var ties = 0u;
  if (request[TOPK] > 0u && request[TOPK] < all.lower.y) {
    edge = findKey(carried(vec2u(0u, request[TOPK])), false, 0u, lane);
    let above = sumsFrom(vec3u(edge + 1u), false, lane);
    ties = request[TOPK] - above.lower.x;
    total = carried(sumAbove(edge, true, lane) + ties * halvesOf(weightOfKey(edge, top, steepness, farthest)));
  }
  if (request[TOPP] < ${OFF}u) {
    let share = shareOf(total, request[TOPP]);
    let goal = vec2u(share.x, select(share.y, max(share.y, 1u), share.x == 0u));
    edge = findKey(goal, true, edge, lane);
    let above = sumAbove(edge, true, lane);
    let weight = weightOfKey(edge, top, steepness, farthest);
    ties = fewestTies(above, weight, goal);
    total = carried(above + ties * halvesOf(weight));
  }
  // Now each lane has a run of neighbors.
  shareWeights();
  let begin = min(lane * CHUNK, V);
  let end = min(begin + CHUNK, V);
  var tied = 0u;
  for (var c = begin; c < end; c++) { tied += select(0u, 1u, keyOf(bitcast<u32>(logits[c])) == edge); }
  let tiedBefore = before(vec2u(tied, 0u), lane).x;
  tied = tiedBefore;
  var mass = vec2u();
  for (var c = begin; c < end; c++) {
    let key = keyOf(bitcast<u32>(logits[c]));
    mass += select(vec2u(), halvesOf(weights[c]), key > edge || (key == edge && tied < ties));
    tied += select(0u, 1u, key == edge);
  }
  let start = carried(before(mass, lane));
  let goal = shareOf(total, word);
  if (reaches(goal, start) && !reaches(goal, carried(start + mass))) {
    var reached = start;
    tied = tiedBefore;
    for (var c = begin; c < end; c++) {
      let key = keyOf(bitcast<u32>(logits[c]));
      reached = carried(reached + select(vec2u(), halvesOf(weights[c]), key > edge || (key == edge && tied < ties)));
      tied += select(0u, 1u, key == edge);
      if (!reaches(goal, reached)) { finish(c); break; }
    }
  }`;
