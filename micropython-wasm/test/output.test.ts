import { describe, expect, test } from "vitest";
import { OutputLimitExceeded } from "../guest/errors.js";
import { CapturedOutput } from "../world/output.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("captured output", () => {
  test("keeps everything up to the cap", () => {
    const output = new CapturedOutput("stdout", { limitBytes: 10 });
    output.write(bytes("12345"));
    output.write(bytes("67890"));
    expect([output.text(), output.truncated, output.totalBytes]).toEqual(["1234567890", false, 10]);
  });

  test("keeps head and tail past the cap, however the bytes come in", () => {
    const text = Array.from({ length: 500 }, (_, i) => String(i)).join(",");
    for (const size of [1, 3, 7, 50, 101, 5000]) {
      const output = new CapturedOutput("stdout", { limitBytes: 101 });
      for (let i = 0; i < text.length; i += size) output.write(bytes(text.slice(i, i + size)));
      const omitted = text.length - 101;
      expect(output.text()).toBe(`${text.slice(0, 51)}\n[${omitted} bytes of stdout omitted]\n${text.slice(-50)}`);
      expect([output.truncated, output.omittedBytes, output.bytes().length]).toEqual([true, omitted, 101]);
    }
  });

  test("does not show halves of characters at the gap", () => {
    for (let limitBytes = 4; limitBytes < 24; limitBytes++) {
      const output = new CapturedOutput("stdout", { limitBytes });
      output.write(bytes("é€😀".repeat(10)));
      expect(output.text()).not.toContain("\ufffd");
      expect(output.bytes().length).toBe(limitBytes);
    }
  });

  test("can stop instead, with what fits kept", () => {
    const output = new CapturedOutput("stderr", { limitBytes: 4, overflow: "stop" });
    output.write(bytes("abcd"));
    expect(() => output.write(bytes("ef"))).toThrow(OutputLimitExceeded);
    const other = new CapturedOutput("stderr", { limitBytes: 4, overflow: "stop" });
    expect(() => other.write(bytes("abcdef"))).toThrow(OutputLimitExceeded);
    expect([output.text(), other.text(), other.truncated]).toEqual(["abcd", "abcd", false]);
  });

  test("a cap of 0 or 1 keeps 0 or 1", () => {
    for (const limitBytes of [0, 1]) {
      const output = new CapturedOutput("stdout", { limitBytes });
      output.write(bytes("abc"));
      output.write(bytes("def"));
      expect([output.bytes().length, output.totalBytes, output.truncated]).toEqual([limitBytes, 6, true]);
    }
  });

  test("streams copies of everything as it comes, past the cap too", () => {
    const chunks: Uint8Array[] = [];
    const output = new CapturedOutput("stdout", { limitBytes: 2, onData: (chunk) => chunks.push(chunk) });
    const shared = bytes("abcd");
    output.write(shared);
    shared.fill(0);
    output.write(bytes("e"));
    expect(chunks.map((chunk) => new TextDecoder().decode(chunk))).toEqual(["abcd", "e"]);
  });

  test("text that is not UTF-8 is shown with replacement characters", () => {
    const output = new CapturedOutput("stdout");
    output.write(Uint8Array.of(0x61, 0xff, 0x62));
    expect(output.text()).toBe("a\ufffdb");
  });

  test("its state goes on where it was, with the ring in any phase", () => {
    for (let before = 0; before < 40; before++) {
      const text = Array.from({ length: 60 }, (_, i) => String.fromCharCode(65 + (i % 58))).join("");
      const one = new CapturedOutput("stdout", { limitBytes: 15 });
      one.write(bytes(text.slice(0, before)));
      const two = new CapturedOutput("stdout", { limitBytes: 15 });
      two.restoreState(structuredClone(one.saveState()));
      for (const output of [one, two]) output.write(bytes(text.slice(before, before + 3)));
      for (const output of [one, two]) output.write(bytes(text.slice(before + 3)));
      expect(two.text()).toBe(one.text());
      expect(two.totalBytes).toBe(60);
    }
  });
});
