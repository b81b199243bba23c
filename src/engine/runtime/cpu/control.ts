/**
 * The words at the start of the memory by which threads agree, and the functions every module has for that. In: nothing. Out: byte
 * addresses, and functions as typed trees. Words that different threads write lie on cache lines of their own.
 */
import { type I32, type Statement, addInt, all, atomic, call, callPlace, drop, equal, greater, loadInt, mulInt, notEqual, set, trap, when, whileTrue } from "../../wasm/code";
import { type WasmFunction, defineFunction } from "../../wasm/module";

export const WORD = {
  /** Counts commands. What a command says stands in the next words. */
  command: 0,
  module: 4,
  from: 8,
  to: 12,
  /** Threads that carry out commands. */
  threads: 16,
  /** Addresses of scratch memory: of a step, of thread 0; and bytes from one thread's to the next. */
  shared: 20,
  own: 24,
  ownBytes: 28,
  /** How many have come to the end of a stage; the counter that is set back when all have. */
  arrived: 64,
  /** Counts stages that all have come to the end of. */
  generation: 128,
  sleepers: 192,
} as const;

/** Looks at a word before a thread lies down to sleep: about 20 µs, longer than most stages differ by. */
const LOOKS = 4000;
/** A thread that does not come back within this was ended by the browser. */
const LONGEST_NANOSECONDS = 20e9;

/** Waits until all threads are here. The last to come sets the stage's counter of blocks back to 0. Parameter: that counter's address. */
export function defineBarrier(): WasmFunction {
  return defineFunction({ parameters: 1, fma: false }, (scope, counter) => {
    const [generation, looks] = [scope.local("i32"), scope.local("i32")];
    const isOver = (): I32 => notEqual(atomic.load(WORD.generation), generation);
    const wait: Statement = all(
      set(looks, addInt(looks, 1)),
      when(
        greater(looks, LOOKS),
        all(
          drop(atomic.add(WORD.sleepers, 1)),
          when(equal(atomic.wait(WORD.generation, generation, LONGEST_NANOSECONDS), 2), trap),
          drop(atomic.add(WORD.sleepers, -1)),
        ),
      ),
    );
    const letAllGo = all(
      atomic.store(counter, 0),
      atomic.store(WORD.arrived, 0),
      drop(atomic.add(WORD.generation, 1)),
      when(notEqual(atomic.load(WORD.sleepers), 0), drop(atomic.notify(WORD.generation, -1))),
    );
    return all(
      set(generation, atomic.load(WORD.generation)),
      when(equal(addInt(atomic.add(WORD.arrived, 1), 1), loadInt(WORD.threads)), letAllGo, whileTrue(equal(isOver(), 0), wait)),
    );
  });
}

/**
 * What a thread does at a command: the stages of the table from one on to another, all threads together. Parameters: the thread's number,
 * the first stage, the one behind the last. `barrier` is the number of that function.
 */
export function defineRun(barrier: number, counters: number): WasmFunction {
  return defineFunction({ parameters: 3, fma: false, name: "run" }, (scope, thread, from, to) => {
    const [stage, own] = [scope.local("i32"), scope.local("i32")];
    const turn = all(
      callPlace(stage, loadInt(WORD.shared), own),
      call(barrier, addInt(mulInt(stage, 4), counters)),
      set(stage, addInt(stage, 1)),
    );
    return all(
      set(own, addInt(loadInt(WORD.own), mulInt(thread, loadInt(WORD.ownBytes)))),
      set(stage, from),
      whileTrue(notEqual(stage, to), turn),
    );
  });
}
