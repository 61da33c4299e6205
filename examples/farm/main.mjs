// node main.mjs REDIS: estimates pi by many runs, and asks two workers for the same.
import { Farm, FarmWorker } from "escapement/farm";

const redis = process.argv[2] ?? "redis://127.0.0.1:6379";
const queue = "pi";
const workers = await Promise.all(["north", "south"].map((name) => FarmWorker.start({ redis, queue, name })));
const farm = await Farm.connect({ redis, queue });

const code = `
import random
inside = 0
for _ in range(1000):
  x, y = random.random(), random.random()
  inside += x * x + y * y < 1
inside`;
const runs = Array.from({ length: 8 }, (_, seed) => ({ code, seed, tenant: seed % 2 === 0 ? "ann" : "bob" }));
const results = await Promise.all(runs.map((run) => farm.run(run)));
const inside = results.reduce((sum, { value }) => sum + value, 0);
console.log(`${results.length} runs: pi is about ${((4 * inside) / 8000).toFixed(1)}`);

const checked = await farm.run({ code, seed: 0, tenant: "ann", verify: { workers: 2 } });
console.log(`${checked.workers.join(" and ")} agree: ${checked.value === results[0].value}`);
const { times, fuel } = await farm.bill(checked.id);
console.log(`paid ${times} times what it costs alone: ${fuel === results[0].fuel.used}`);

await farm.close();
await Promise.all(workers.map((worker) => worker.close()));
