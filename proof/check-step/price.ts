// What instructions cost, by the schedule's name (the guide's section "Fuel").
import { OP } from "../../decoder/opcodes.js";

const FREE = new Set([
  ...[OP.nop, OP.drop, OP.block, OP.loop, OP.else, OP.end, OP.catch, OP.catch_all, OP.delegate, OP.return],
  OP.unreachable,
]);

/** 0 or 1. */
export const basePrice = (opcode: number): number => (FREE.has(opcode) ? 0 : 1);

/** Of work whose amount an operand or a type says. */
export type Work = "memory" | "growth" | "table" | "array" | "new array" | "fixed";

export class Prices {
  private readonly kind: "escapement" | "flat" | "elements";
  constructor(private readonly schedule: string) {
    this.kind = schedule.startsWith("escapement") ? "escapement" : schedule === "wasmtime-45" ? "flat" : "elements";
  }

  /** Of `count` elements of so many bytes. */
  work(work: Work, count: number, elementBytes: number): number {
    if (this.kind === "escapement") return Math.ceil((count * elementBytes) / 64);
    if (this.kind === "flat" || work === "fixed") return 0;
    return work === "growth" && this.schedule === "wasmtime-48" ? 0 : count;
  }

  /** What is handled in one go: 64 are free, and each started 16 more cost 1. */
  many(count: number): number {
    return this.schedule === "escapement-2" && count > 64 ? Math.ceil((count - 64) / 16) : 0;
  }

  entry(locals: number, results: number): number {
    return 1 + this.many(locals) + this.many(results);
  }

  /** Of a trace of the heap, by what is counted before. */
  trace(bytes: number): number {
    return this.schedule === "escapement-2" ? Math.ceil(bytes / 128) : 0;
  }

  /** The largest constant amount that a grow pays for even if it gives -1. */
  get constantGrowth(): bigint {
    return this.schedule === "wasmtime-49" || this.schedule === "wasmtime-50" ? 128n : -1n;
  }
}
