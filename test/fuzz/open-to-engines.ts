// Modules in which the specification leaves a result to the engine, so that V8's is not compared with ours. The tiers are
// compared with each other as ever.

export const OPEN_TO_ENGINES: readonly {
  readonly generator: "binaryen" | "smith";
  readonly seed: number;
  readonly why: string;
}[] = [
  {
    generator: "smith",
    seed: 2857,
    why: "the bits of f64.promote_f32 of a NaN that is not canonical, which wasm-smith 0.263 does not make canonical",
  },
];
