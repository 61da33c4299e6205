// What runs in a fresh process: `node dist/bench/child.js boot|kernels|programs ENGINE`. Prints one JSON value.
const start = performance.now();
const [task, name] = process.argv.slice(2);
const { engineNamed } = await import("./contestants.js");
const engine = engineNamed(name!);

if (task === "boot") {
  const python = await engine.bootPython();
  const printed = await python.run("print(1)");
  const milliseconds = performance.now() - start;
  if (printed !== "1\n") throw new Error(`printed ${JSON.stringify(printed)}`);
  console.log(JSON.stringify(milliseconds));
} else {
  const { kernelTimings, programTimings } = await import("./speed.js");
  const effort = { rounds: Number(process.argv[4]), tinybenchSeconds: 0, processes: 1 };
  const timings = task === "kernels" ? kernelTimings : programTimings;
  console.log(JSON.stringify(await timings([engine], effort)));
}
