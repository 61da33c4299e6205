// What counting fuel costs: our interpreter against a build of it that does not count.
import { buildWithFuel, buildWithoutFuel } from "./escapement.js";
import { type Effort, geometricMean, type Timing } from "./measure.js";
import type { Section } from "./report.js";
import { kernelTimings, programTimings } from "./speed.js";

const [ON, OFF] = ["fuel on", "fuel off"];

export async function fuelSection(effort: Effort): Promise<Section> {
  const contestants = [
    { ...buildWithFuel(), name: ON },
    { ...buildWithoutFuel(), name: OFF },
  ];
  const programs = await programTimings(contestants, effort);
  const kernels = await kernelTimings(contestants, effort);
  const overhead = (timings: Readonly<Record<string, Timing>>) => timings[ON]!.min / timings[OFF]!.min;
  const percent = (ratio: number) => (ratio - 1) * 100;
  const mean = (measured: typeof programs) => percent(geometricMean(measured.map(([, timings]) => overhead(timings))));
  const row = ([name, timings]: (typeof programs)[number]) => [
    name,
    timings[ON]!.min,
    timings[OFF]!.min,
    percent(overhead(timings)),
  ];
  const what = "what fuel costs on the geometric mean of the";
  return {
    name: "fuel",
    title: "Exact fuel against a build that does not count",
    columns: ["minimum, ms", ON, OFF, "cost, %"],
    rows: [
      ...programs.map(row),
      ["geometric mean, programs", null, null, mean(programs)],
      ...kernels.map(row),
      ["geometric mean, kernels", null, null, mean(kernels)],
    ],
    detail: Object.fromEntries([...programs, ...kernels]),
    marks: [
      { what: `${what} programs, at most`, limit: 6, measured: mean(programs), unit: "%" },
      { what: `${what} kernels, at most`, limit: 6, measured: mean(kernels), unit: "%" },
    ],
  };
}
