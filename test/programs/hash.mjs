// hash-wasm: a module of its own for each function, of which some are instantiated many times.
import h from "hash-wasm";

export async function run({ print }) {
  const salt = new Uint8Array(16).fill(3);
  const argon = { password: "p", salt, parallelism: 1, iterations: 2, memorySize: 64, hashLength: 32 };
  print(await h.argon2id({ ...argon, outputType: "encoded" }));
  print(await h.bcrypt({ password: "p", salt, costFactor: 4, outputType: "encoded" }));
  const data = new Uint8Array(5_000).map((_, i) => i * 31);
  for (const name of ["blake2b", "blake3", "sha3", "xxhash128", "crc32", "sm3", "whirlpool", "ripemd160", "md4"])
    print(name, await h[name](data));
  const hasher = await h.createSHA256();
  hasher.init().update("a");
  const saved = hasher.save();
  print(hasher.update("b").digest(), hasher.load(saved).update("c").digest());
  await h.sha512("\ud800").then(print, (error) => print(error.name));
}
