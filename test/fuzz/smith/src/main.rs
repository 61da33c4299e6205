//! Modules of wasm-smith: `smith FOLDER FIRST COUNT` writes FOLDER/SEED.wasm for each seed from FIRST on.
//! The same seed gives the same bytes for the same versions in Cargo.lock.

use arbitrary::Unstructured;
use wasm_smith::{Config, Module};

/// Calls of functions and turns of loops in all of a module's calls; behind them every call traps.
const TURNS: u32 = 400;
/// Bytes of randomness, which bound the size of the module.
const ENTROPY: usize = 30_000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True three times in four.
    fn mostly(&mut self) -> bool {
        self.next() & 3 != 0
    }
}

/// Features by the seed, so that what one of them crowds out is found in other modules.
fn config(random: &mut Random) -> Config {
    Config {
        gc_enabled: random.mostly(),
        simd_enabled: random.mostly(),
        memory64_enabled: random.mostly(),
        exceptions_enabled: random.mostly(),
        tail_call_enabled: random.mostly(),
        max_memories: if random.mostly() { 1 } else { 3 },
        max_tables: 3,
        max_instructions: if random.mostly() { 100 } else { 1000 },
        min_funcs: 6,
        max_funcs: 12,
        max_types: 30,
        max_data_segments: 10,
        max_element_segments: 10,
        max_globals: 20,
        limit_arrays_in_const_exprs: true,
        max_imports: if random.mostly() { 0 } else { 8 },
        // Traps end most calls soon: where they are ruled out, code goes on.
        disallow_traps: random.mostly(),
        allow_start_export: !random.mostly(),
        export_everything: true,
        // Engines may differ in the bits of a NaN.
        canonicalize_nans: true,
        // What growth is refused is the engine's to say, so each memory and table says it.
        memory_max_size_required: true,
        max_memory32_bytes: 1 << 20,
        max_memory64_bytes: 1 << 20,
        table_max_size_required: true,
        max_table_elements: 1000,
        // Not in every V8, or open to the engine.
        relaxed_simd_enabled: false,
        threads_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        ..Config::default()
    }
}

fn module(seed: u64) -> Option<Vec<u8>> {
    let mut random = Random(seed);
    let entropy: Vec<u8> = (0..ENTROPY).map(|_| random.next() as u8).collect();
    let mut module = Module::new(config(&mut random), &mut Unstructured::new(&entropy)).ok()?;
    module.ensure_termination(TURNS).ok()?;
    Some(module.to_bytes())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, folder, first, count] = &arguments[..] else { panic!("smith FOLDER FIRST COUNT") };
    let first: u64 = first.parse().expect("FIRST is a number");
    let count: u64 = count.parse().expect("COUNT is a number");
    for seed in first..first + count {
        let bytes = module(seed).unwrap_or_else(|| panic!("no module of seed {seed}"));
        std::fs::write(format!("{folder}/{seed}.wasm"), bytes).expect("the folder can be written");
    }
}
