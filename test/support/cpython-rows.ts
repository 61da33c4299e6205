// Tests of sessions on every Python that CPython is not asked for, each with its reason.
import { beforeEach } from "vitest";

const BUDGET = "its budgets are MicroPython's to the unit";

export const CPYTHON_ROWS: Readonly<Record<string, string>> = {
  "out of fuel, gives the run up and keeps what it has done": BUDGET,
  "tells where a paused run stands, which does not notice": BUDGET,
  "goes on if the host has no room for the picture of its idle memory":
    "a session of 40 MiB stays awake for 20 ms, and has its picture taken when the next run begins",
  "tells the class of a value that is too large or too deep, at the cost of making it": BUDGET,
  "pauses instead, by option, and goes on to the same end": BUDGET,
  "goes back to before a run that never comes back from C":
    "CPython's powers of integers look for interrupts: the run is unwound, and what it has done stays",
  "refuses options that make no sense": "a memory limit too low, pythonStackBytes, heapBytes are others here, or none",
};

beforeEach((context) => {
  const reason = CPYTHON_ROWS[context.task.name];
  if (reason !== undefined) context.skip(reason);
});
