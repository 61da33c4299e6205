// What every file of attacks needs: the refusals, exact, and the sessions that must survive them.
import { afterEach, beforeAll, expect, test } from "vitest";
import { Sandbox, type SandboxOptions, type SandboxResult } from "../index.js";

/** How an attack must end. */
export interface Refusal {
  readonly status: SandboxResult["status"];
  /** `error.kind`; null if there is no error. */
  readonly kind: NonNullable<SandboxResult["error"]>["kind"] | null;
  /** `error.type`: the class of the Python exception. */
  readonly type?: string | null;
  /** `error.message`, whole or as a pattern. */
  readonly message?: string | RegExp;
  /** The run's effects are lost: it could not be unwound. */
  readonly rewound: boolean;
  /** Of the last expression. */
  readonly value?: unknown;
}

/** An attack: its program and how it must end. */
export type Row = readonly [code: string, refusal: Refusal];

/** A Python exception, not caught. */
export const raises = (type: string | RegExp, message: string | RegExp): Refusal => ({
  status: type === "MemoryError" ? "out-of-memory" : "error",
  kind: "exception",
  type: typeof type === "string" ? type : expect.stringMatching(type),
  message,
  rewound: false,
});
/** The program may do this: it gets nothing but this value. */
export const gives = (value: unknown): Refusal => ({ status: "ok", kind: null, rewound: false, value });
/** The fuel is used up, all of it; the program was unwound by an interrupt. */
export const burns: Refusal = {
  status: "out-of-fuel",
  kind: "fuel",
  type: null,
  message: /^out of fuel/,
  rewound: false,
};
/** The fuel is used up in the middle of something that cannot be interrupted in bounded time. */
export const burnsAndRewinds: Refusal = { ...burns, rewound: true };
/** One or the other: it depends on where in a collection or a call of C the fuel ends. */
export const burnsAnyWay: Refusal = { ...burns, rewound: expect.any(Boolean) as unknown as boolean };
/** The interpreter itself broke; the session goes back to before the run. */
export const traps = (message: string | RegExp): Refusal => ({
  status: "error",
  kind: "trap",
  type: null,
  message,
  rewound: true,
});
/** wasm's own call stack, where C recurses without looking. */
export const exhaustsTheStack: Refusal = {
  status: "error",
  kind: "stack",
  type: null,
  message: "call stack exhausted",
  rewound: true,
};
/** MemoryError because the cap refused to grow the memory. */
export const meetsTheCap: Refusal = {
  status: "out-of-memory",
  kind: "memory-limit",
  type: "MemoryError",
  message: /^memory allocation failed/,
  rewound: false,
};

/** @param fuel what the run was given */
export function expectRefusal(result: SandboxResult, refusal: Refusal, fuel?: number): void {
  const { status, rewound, error } = result;
  expect({ status, kind: error?.kind ?? null, rewound }).toEqual({
    status: refusal.status,
    kind: refusal.kind,
    rewound: refusal.rewound,
  });
  if (refusal.type !== undefined) expect(error!.type).toEqual(refusal.type);
  if (typeof refusal.message === "string") expect(error!.message).toBe(refusal.message);
  else if (refusal.message !== undefined) expect(error!.message).toMatch(refusal.message);
  if ("value" in refusal) expect(result.value).toEqual(refusal.value);
  // What is left does not pay for the next instruction.
  if (status === "out-of-fuel") expect(result.fuel.left).toBeLessThan(8);
  if (fuel !== undefined) expect(result.fuel.used).toBeLessThanOrEqual(fuel);
}

/** A session that is attacked, and one beside it, in the same process, that must not notice. */
export class Scene {
  victim!: Sandbox;
  neighbour!: Sandbox;

  /** @param options of both; they have the function `add` besides those named here */
  constructor(readonly options: SandboxOptions = {}) {
    beforeAll(async () => {
      const functions = { ...options.functions, add: (a: number, b: number) => a + b };
      // The artifact itself is attacked: programs reach it as they are.
      this.victim = await Sandbox.create({ compat: false, ...options, functions });
      this.neighbour = await Sandbox.create({ functions });
      await this.prepare();
    });
    afterEach(() => this.expectHealth());
  }

  private async prepare(): Promise<void> {
    await this.victim.run("alive = 1");
    await this.neighbour.run("secret = 'neighbour'");
  }

  /** Both sessions answer, with variables of theirs. */
  async expectHealth(): Promise<void> {
    expect((await this.victim.run("add(alive, 1)")).value).toBe(2);
    expect((await this.neighbour.run("add(len(secret), 1)")).value).toBe(10);
  }

  /** One test for each row. */
  meets(name: string, rows: readonly Row[]): void {
    test.each(rows)(`${name}: %s`, async (code, refusal) => {
      expectRefusal(await this.victim.run(code), refusal, Number(this.options.fuel));
    });
  }

  /** As {@link meets}, in a copy of the session: what the attack leaves would show in the others. */
  meetsInACopy(name: string, rows: readonly Row[]): void {
    test.each(rows)(`${name}: %s`, async (code, refusal) => {
      const copy = await this.victim.fork();
      expectRefusal(await copy.run(code), refusal, Number(this.options.fuel));
      await copy.rewind();
      expect((await copy.run("add(alive, 1)")).value).toBe(2);
      copy.close();
    });
  }
}
