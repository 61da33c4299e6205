// How much work something is, in units of a fixed loop timed in the same process: about a
// millisecond each on a 3 GHz machine. CPU time, so that a busy machine does not count.

function cpu(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

let sink = 0;
function unit(): void {
  for (let i = 0; i < 1_500_000; i++) sink = (sink * 31 + i) | 0;
}

let unitTime = 0;

/** CPU time of `run`, in units of the loop. */
export function effort(run: () => unknown): number {
  if (unitTime === 0) {
    unit();
    // The smallest of several: what the loop takes when nothing disturbs it.
    unitTime = Math.min(...Array.from({ length: 5 }, () => cpu(() => [unit(), unit(), unit(), unit()]))) / 4;
    unitTime = Math.max(unitTime, 0.2);
  }
  return cpu(run) / unitTime;
}
