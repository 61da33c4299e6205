// Small runs for tests of proofs.
import binaryen from "binaryen";
import { Engine, type Module } from "../../runtime/index.js";
import type { StorePicture } from "../../runtime/snapshot/picture.js";
import type { HostWorld } from "../module-run.js";
import { ModuleRun } from "../module-run.js";

/** @param isPlain without features that are proposals: with them, imports of one module come in a form that is one */
export function assemble(text: string, isPlain = false): Uint8Array {
  const module = binaryen.parseText(text);
  module.setFeatures(isPlain ? binaryen.Features.MVP : binaryen.Features.All);
  try {
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** Mixes numbers into 64 KiB of memory, a global and a table, and asks the host now and then. */
export const MIXER = `(module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (memory (export "memory") 1)
  (table $t 4 funcref) (elem declare func $step)
  (global $sum (mut i32) (i32.const 7))
  (func $step (param $i i32) (param $x i32) (result i32)
    (i32.store (i32.and (i32.mul (local.get $i) (i32.const 40503)) (i32.const 0xfffc)) (local.get $x))
    (i32.add (i32.mul (local.get $x) (i32.const 31)) (i32.xor (local.get $i) (global.get $sum))))
  (func (export "mix") (param $n i32) (result i32) (local $i i32) (local $x i32)
    (loop $l
      (local.set $x (call $step (local.get $i) (local.get $x)))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 63)))
        (then
          (global.set $sum (i32.add (global.get $sum) (call $ask (local.get $x))))
          (table.set $t (i32.and (local.get $i) (i32.const 3)) (ref.func $step))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $x)))`;

export const MIXER_BYTES = assemble(MIXER);

/** Compiled once: disputes begin a run for each question. */
const compiled = new WeakMap<Uint8Array, Module>();

function moduleOf(bytes: Uint8Array): Module {
  const known = compiled.get(bytes) ?? new Engine().compile(bytes);
  compiled.set(bytes, known);
  return known;
}

export interface MixerOptions {
  readonly bytes?: Uint8Array;
  readonly answer?: (x: number) => number;
  readonly n?: number;
  readonly fuel?: number;
}

/** A run that says it is of MIXER_BYTES, whatever it executes: as an engine does that takes an instruction for another. */
class ClaimedRun extends ModuleRun {
  protected override hashOf(picture: StorePicture): string {
    const { decoded } = moduleOf(MIXER_BYTES);
    const instances = picture.instances.map((instance) => ({ ...instance, module: decoded }));
    return super.hashOf({ ...picture, instances });
  }
}

export function mixer(options: MixerOptions = {}): ModuleRun {
  const { bytes = MIXER_BYTES, answer = (x) => (x ^ 5) | 0, n = 500, fuel = 1_000_000 } = options;
  const world: HostWorld = {
    define: (linker) =>
      void linker.defineFunc("host", "ask", { params: ["i32"], results: ["i32"] }, (_caller, x: number) => answer(x)),
  };
  return new (bytes === MIXER_BYTES ? ModuleRun : ClaimedRun)({
    module: moduleOf(bytes),
    world,
    fuel,
    calls: (instance) => [{ func: instance.getFunc("mix"), args: [n] }],
  });
}
