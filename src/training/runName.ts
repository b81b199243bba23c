/**
 * Two readable words for a run, "brave-otter", from a seed. In: any integer from 0. Out: one of 64 × 64 names, each equally
 * likely. The words are common, short, friendly, and hard to mistake for one another.
 */
import type { Words } from "../engine/wgsl/philox";
import { STREAMS, drawWords } from "./random";

export const ADJECTIVES: readonly string[] =
  `amber ample autumn bold brave bright brisk calm candid clever copper coral cosmic crimson curious dapper daring deft eager early fair fleet
   gentle gilded glad golden graceful hardy honest humble indigo jolly keen kind lively lucid lucky mellow merry mighty misty modest nimble noble
   patient placid polite proud quick quiet radiant rapid rustic serene silver sincere smooth steady sunny swift tidy velvet vivid wise`.split(/\s+/);

export const ANIMALS: readonly string[] =
  `badger bear beaver bison bobcat buffalo camel caribou cheetah condor cougar coyote crane cricket curlew dolphin dove eagle egret falcon
   ferret finch fox gazelle gecko gibbon giraffe heron hornet ibex iguana jackal jaguar kestrel koala lark lemur leopard llama lynx magpie
   marmot marten moose narwhal newt ocelot orca osprey otter owl panda pelican penguin puffin quail rabbit raven robin salmon seal sparrow
   tiger walrus`.split(/\s+/);

export function nameRun(seed: number): string {
  const words: Words = [0, 0, 0, 0];
  drawWords(words, seed, STREAMS.names);
  return `${ADJECTIVES[words[0] % ADJECTIVES.length]}-${ANIMALS[words[1] % ANIMALS.length]}`;
}
