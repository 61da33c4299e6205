// wabt: text to binary and back, with names, features and errors.
import makeWabt from "wabt";

const TEXTS = [
  ["empty", "(module)"],
  [
    "names",
    `(module $m (import "env" "log" (func $log (param $x i32) (result f64))) (memory $mem 1 2) (table $t 3 funcref)
       (global $g (mut i64) (i64.const -5)) (type $f (func (param i32 i32) (result i32)))
       (func $add (export "add") (type $f) (local $sum i32) (local.set $sum (i32.add (local.get 0) (local.get 1))) (local.get $sum))
       (elem (i32.const 0) $add $log) (data (i32.const 8) "bytes\\00\\ff") (start $main) (func $main (drop (call $log (i32.const 7)))))`,
  ],
  [
    "control",
    `(module (func (export "f") (param i32) (result i32) (block $b (result i32) (loop $l (br_if $l (i32.eqz (local.get 0)))
       (br_table $b $b (i32.const 4) (local.get 0))) unreachable)) (func (result f32) f32.const nan:0x200000 f32.neg))`,
  ],
  [
    "simd",
    `(module (func (param v128) (result v128) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 0) (local.get 0))))`,
  ],
  ["exceptions", "(module (tag $e (param i32)) (func try (throw $e (i32.const 1)) catch $e drop catch_all end))"],
  ["syntax", "(module (func (i32.const 1) (i32.add"],
  ["types", "(module (func (result i32) (i64.const 1)))"],
  ["unknown", "(module (func (call $nothing)))"],
];

export async function run({ print }) {
  const wabt = await makeWabt();
  const features = { ...wabt.FEATURES, exceptions: true };
  for (const [name, text] of TEXTS) {
    try {
      const module = wabt.parseWat(`${name}.wat`, text, features);
      module.resolveNames();
      module.validate(features);
      const { buffer, log } = module.toBinary({ log: true, write_debug_names: true });
      print(name, [...buffer].join(" "), log);
      const again = wabt.readWasm(buffer, { ...features, readDebugNames: true });
      again.applyNames();
      print(again.toText({ foldExprs: true, inlineExport: true }));
      again.destroy();
      module.destroy();
    } catch (error) {
      print(name, "error:", error.message);
    }
  }
  try {
    wabt.readWasm(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 10, 3, 1, 1]), {});
  } catch (error) {
    print("error:", error.message);
  }
}
