// The modules of differential fuzzing. A generator and a seed name a module; each is made once, and kept in the cache
// under the SHA-256 of its bytes, beside a list of the hashes by seed.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { cachePath } from "../../bench/cache.js";
import { fuzzModule } from "../../runtime/test/support/fuzz-modules.js";

export interface Generator {
  readonly name: "binaryen" | "smith";
  /** What its modules depend on beside the seed. */
  readonly version: string;
  /** The modules of `count` seeds from `first` on. */
  make(first: number, count: number): Promise<Uint8Array[]>;
}

/** Of binaryen's fuzzer: what Node 26's V8 has and does not leave open. */
const BINARYEN_FEATURES = [
  ...["bulk-memory", "bulk-memory-opt", "multivalue", "mutable-globals", "nontrapping-float-to-int"],
  ...["reference-types", "sign-ext", "tail-call", "gc", "exception-handling", "memory64", "multimemory"],
  "extended-const",
];
/** With SIMD modules pass vectors to imports, where JavaScript ends the call: one in four has it. */
const featuresOf = (seed: number) => (seed % 4 === 3 ? [...BINARYEN_FEATURES, "simd"] : BINARYEN_FEATURES);

/** Bytes of randomness, by turns: most modules are small, some have 10 KB of code. */
const BINARYEN_ENTROPY = [1000, 3000, 3000, 9000];

export const binaryen: Generator = {
  name: "binaryen",
  version: digest([
    (createRequire(import.meta.url)("binaryen/package.json") as { version: string }).version,
    JSON.stringify([0, 1, 2, 3].map((seed) => [featuresOf(seed), BINARYEN_ENTROPY[seed]])),
  ]),
  async make(first, count) {
    const modules: Uint8Array[] = [];
    for (let seed = first; seed < first + count; seed++) {
      const entropy = BINARYEN_ENTROPY[seed % BINARYEN_ENTROPY.length]!;
      // Every other one as a compiler's optimiser would leave it.
      modules.push(
        await fuzzModule(seed, { entropy, features: featuresOf(seed), denan: true, passes: seed % 2 === 0 }),
      );
    }
    return modules;
  },
};

const SMITH = fileURLToPath(new URL("smith/", import.meta.url));

export const smith: Generator = {
  name: "smith",
  version: digest(["Cargo.lock", "src/main.rs"].map((file) => readFileSync(SMITH + file))),
  async make(first, count) {
    const target = cachePath("fuzz", "smith-target");
    const build = ["build", "--quiet", "--release", "--locked", "--target-dir", target];
    execFileSync("cargo", [...build, "--manifest-path", `${SMITH}Cargo.toml`], { stdio: "inherit" });
    const folder = mkdtempSync(path.join(tmpdir(), "smith-"));
    try {
      execFileSync(path.join(target, "release", "smith"), [folder, String(first), String(count)]);
      return Array.from(
        { length: count },
        (_, i) => new Uint8Array(readFileSync(path.join(folder, `${first + i}.wasm`))),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 16);
}

/** Seeds that are made at a time. */
const BATCH = 50;

export class Corpus {
  private readonly folder = cachePath("fuzz", "modules");
  private readonly listed: string;
  /** SHA-256 by seed. */
  private readonly hashes: Record<string, string>;

  constructor(readonly generator: Generator) {
    mkdirSync(this.folder, { recursive: true });
    this.listed = cachePath("fuzz", `${generator.name}-${generator.version}.json`);
    this.hashes = existsSync(this.listed)
      ? (JSON.parse(readFileSync(this.listed, "utf8")) as Record<string, string>)
      : {};
  }

  /** Makes what is missing. */
  async *modules(first: number, count: number): AsyncGenerator<{ seed: number; hash: string; bytes: Uint8Array }> {
    for (let from = first; from < first + count; from += BATCH) {
      const size = Math.min(BATCH, first + count - from);
      const seeds = Array.from({ length: size }, (_, i) => from + i);
      if (seeds.some((seed) => this.kept(seed) === undefined)) this.keep(from, await this.generator.make(from, size));
      for (const seed of seeds) yield { seed, hash: this.hashes[seed]!, bytes: this.kept(seed)! };
    }
  }

  /** @throws Error if the file's bytes are not those of its name */
  private kept(seed: number): Uint8Array | undefined {
    const hash = this.hashes[seed];
    const file = path.join(this.folder, `${hash}.wasm`);
    if (hash === undefined || !existsSync(file)) return undefined;
    const bytes = new Uint8Array(readFileSync(file));
    if (sha256(bytes) !== hash) throw new Error(`${file} is damaged: remove it`);
    return bytes;
  }

  private keep(first: number, modules: readonly Uint8Array[]): void {
    modules.forEach((bytes, i) => {
      const hash = sha256(bytes);
      this.hashes[first + i] = hash;
      writeFileSync(path.join(this.folder, `${hash}.wasm`), bytes);
    });
    // Renamed, since another run may read it.
    writeFileSync(`${this.listed}.${process.pid}`, JSON.stringify(this.hashes));
    renameSync(`${this.listed}.${process.pid}`, this.listed);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
