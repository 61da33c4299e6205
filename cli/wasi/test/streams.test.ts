import { PassThrough, Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import { InputStream, OutputStream, realClock, realRandom } from "../index.js";

/** What a guest that reads to the end gets, in pieces of at most `size`. */
async function readAll(input: InputStream, size = 100): Promise<string[]> {
  const pieces: string[] = [];
  for (;;) {
    for (let waiting = input.ready(); waiting !== undefined; waiting = input.ready()) await waiting;
    const target = new Uint8Array(size);
    const count = input.read(target);
    if (count === 0) return pieces;
    pieces.push(new TextDecoder().decode(target.subarray(0, count)));
  }
}

test("input is read as it comes, and to its end", async () => {
  expect(await readAll(new InputStream(() => Readable.from([Buffer.from("abc"), Buffer.from("de")])), 2)).toEqual([
    "ab",
    "c",
    "de",
  ]);
  expect(await readAll(new InputStream(() => Readable.from([])))).toEqual([]);
});

test("nothing is opened before the guest reads, and nothing waited for that has come", async () => {
  let opened = 0;
  const source = new PassThrough();
  const input = new InputStream(() => {
    opened++;
    return source;
  });
  expect(opened).toBe(0);
  const waiting = input.ready();
  expect(input.ready()).toBe(waiting);
  source.write("xy");
  await waiting;
  expect(input.ready()).toBe(undefined);
  expect(input.read(new Uint8Array(1))).toBe(1);
  expect(input.ready()).toBe(undefined);
  expect(input.read(new Uint8Array(5))).toBe(1);
  expect(input.ready()).toBeInstanceOf(Promise);
  source.end();
  await input.ready();
  expect(opened).toBe(1);
});

test("input that fails is at its end", async () => {
  const source = new Readable({ read: () => void source.destroy(new Error("broken")) });
  expect(await readAll(new InputStream(() => source))).toEqual([]);
});

test("output is copied, and waited for when nobody takes it", async () => {
  const taken: string[] = [];
  let next = (): void => {};
  const target = new Writable({
    highWaterMark: 4,
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk.toString());
      next = done;
    },
  });
  const output = new OutputStream(target);
  const bytes = new TextEncoder().encode("abc");
  output.write(bytes);
  expect(output.written()).toBe(undefined);
  output.write(bytes);
  bytes.fill(0);
  const waiting = output.written();
  expect(waiting).toBeInstanceOf(Promise);
  next();
  next();
  await waiting;
  expect(taken).toEqual(["abc", "abc"]);
});

test("the host's clock goes on, and sleeps until it is told to wake", async () => {
  const clock = realClock();
  const early = Date.now();
  const before = clock.now(0);
  // It was set a moment ago, by the host's, and goes on evenly: a second is for a host's that is put right meanwhile.
  expect(Number(before / 1_000_000n)).toBeGreaterThan(early - 1000);
  await clock.sleep!(20_000_000n);
  expect(clock.now(0) - before).toBeGreaterThanOrEqual(20_000_000n);
  // Thirty years would be longer than a test may take.
  let wake = (): void => {};
  const sleeping = clock.sleep!(
    10n ** 18n,
    new Promise<void>((resolve) => {
      wake = resolve;
    }),
  );
  wake();
  await sleeping;
});

test("the host's random bytes are not ours", () => {
  const [one, two] = [new Uint8Array(32), new Uint8Array(32)];
  realRandom(one);
  realRandom(two);
  expect(one).not.toEqual(two);
});
