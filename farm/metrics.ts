// A worker's figures for Prometheus, over HTTP.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { FarmError } from "./errors.js";
import { load } from "./redis.js";
import type { FarmWorker } from "./worker.js";

const SECONDS = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800];

/** The figures of a worker, from now on. @throws FarmError, kind missing, without prom-client */
export async function metricsOf(worker: FarmWorker): Promise<Registry> {
  const { Counter, Gauge, Histogram, Registry } = await load(() => import("prom-client"), "prom-client");
  const registers = [new Registry()];
  const counter = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name: `escapement_farm_${name}`, help, labelNames, registers });
  const runs = counter("runs_total", "Runs that this worker has ended, by how they ended.", ["status"]);
  const fuel = counter("fuel_total", "Fuel of the runs that this worker has ended.");
  const begun = counter("begun_total", "Runs that were begun here, from their beginning or from a kept state.", [
    "from",
  ]);
  const restarted = counter("restarted_total", "Runs whose kept state could not be taken up.");
  const kept = counter("kept_states_total", "States of runs that were kept.");
  const keptBytes = counter("kept_bytes_total", "Bytes of those states.");
  const handedOver = counter("handed_over_total", "Runs that were handed over, since this worker was to stop.");
  const failed = counter("failures_total", "Attempts that failed, whatever became of the run.");
  const stalled = counter("stalled_total", "Runs of lost workers that this one has put back into the queue.");
  const dissent = counter("dissent_total", "Results in which a worker said otherwise than those who agree.", [
    "worker",
  ]);
  const histogram = {
    name: "escapement_farm_run_seconds",
    help: "How long runs took here.",
    buckets: SECONDS,
    registers,
  };
  const seconds = new Histogram(histogram);
  new Gauge({
    ...{ name: "escapement_farm_jobs", help: "Jobs in the queue, by their state.", labelNames: ["state"], registers },
    async collect() {
      for (const [state, count] of Object.entries(await worker.counts())) this.set({ state }, count);
    },
  });
  worker.on("begun", (_, from) => begun.inc({ from: from === 0 ? "beginning" : "kept state" }));
  worker.on("restarted", () => restarted.inc());
  worker.on("kept", (_, bytes) => {
    kept.inc();
    keptBytes.inc(bytes);
  });
  worker.on("handedOver", () => handedOver.inc());
  worker.on("failed", () => failed.inc());
  worker.on("stalled", () => stalled.inc());
  worker.on("settled", (result, took) => {
    runs.inc({ status: result.state === "done" ? result.status : result.state });
    seconds.observe(took);
    if (result.state !== "done") return;
    fuel.inc(result.fuel.used * result.workers.length);
    for (const { worker: name } of result.dissent) dissent.inc({ worker: name });
  });
  return registers[0]!;
}

/**
 * Serves `/metrics`, and `/healthz` for those who watch over the process.
 * @param port 0 for any that is free
 * @throws FarmError, kind usage, if the port cannot be had
 */
export async function serveMetrics(
  worker: FarmWorker,
  port: number,
  host = "127.0.0.1",
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const registry = await metricsOf(worker);
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://worker");
    if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405).end();
    else if (pathname === "/healthz") response.end("ok\n");
    else if (pathname !== "/metrics") response.writeHead(404).end("there are /metrics and /healthz\n");
    else
      registry.metrics().then(
        (text) => response.setHeader("content-type", registry.contentType).end(text),
        (error: unknown) => response.writeHead(503).end(`${String(error)}\n`),
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      reject(new FarmError("usage", `metrics cannot be served on ${host}:${port}: ${error.message}`, { cause: error }));
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
