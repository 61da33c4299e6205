import { afterEach, describe, expect, test } from "vitest";
import { createPythonTool, type PythonTool, type PythonToolOptions } from "../agents/tool.js";
import { SandboxUsageError } from "../guest/errors.js";
import { sandboxes } from "../mcp/test/support/sandboxes.js";

const tools: PythonTool[] = [];
afterEach(() => {
  for (const tool of tools.splice(0)) tool.close();
});

function pythonTool(options: PythonToolOptions = {}, fuel = 5_000_000): PythonTool {
  const tool = createPythonTool(() => sandboxes({ fuel }).create(), options);
  tools.push(tool);
  return tool;
}

describe("the definition", () => {
  test.each([
    [{ timout: 5 }, /^there is no option timout: did you mean timeout\?/],
    [{ timeout: "soon" }, /^timeout is a number of milliseconds up to 2147483647, not "soon"$/],
    [{ name: 5 }, /^name is text, not 5$/],
    [[], /^options are an object, not an array$/],
  ])("refuses the options %j", (options, message) => {
    expect(() => pythonTool(options as never)).toThrow(SandboxUsageError);
    expect(() => pythonTool(options as never)).toThrow(message);
  });

  test("is plain JSON, with a name and a description that the embedder can complete", () => {
    const { name, description, parameters } = pythonTool({ name: "py", notes: "query(sql) asks the database." });
    expect(name).toBe("py");
    expect(description).toMatch(/^Runs Python code .* query\(sql\) asks the database\.$/);
    expect(JSON.parse(JSON.stringify(parameters))).toEqual(parameters);
    expect(parameters.required).toEqual(["code"]);
  });

  test("has functions that work without their object, as libraries call them", async () => {
    const { execute, executeText } = pythonTool();
    expect(await execute({ code: "x = 6" })).toMatchObject({ status: "ok", value: null, advice: null });
    expect(await executeText({ code: "print('a')\nx * 7" })).toMatch(
      /^a\n=> 42\n\[sandbox: ok, \d+ of 5000000 fuel used\]$/,
    );
  });
});

describe("calls", () => {
  test("share variables until a reset", async () => {
    const { execute } = pythonTool();
    await execute({ code: "x = 1" });
    expect((await execute({ code: "x + 1" })).value).toBe(2);
    expect((await execute({ code: "'x' in globals()", reset: true })).value).toBe(false);
  });

  test("at the same time are run one after the other, resets too", async () => {
    const { execute } = pythonTool();
    const results = await Promise.all([
      execute({ code: "x = [1]" }),
      execute({ code: "x.append(2); x" }),
      execute({ code: "'x' in globals()", reset: true }),
    ]);
    expect(results.map(({ value }) => value)).toEqual([null, [1, 2], false]);
  });

  test("answer with what went wrong, and do not reject", async () => {
    const { execute, executeText } = pythonTool();
    expect(await execute({ code: "1/0" })).toMatchObject({ status: "error", error: { type: "ZeroDivisionError" } });
    expect(await executeText({ code: "while True: pass" })).toContain("check the code for an endless loop");
    expect((await execute({ code: "3" })).value).toBe(3);
    for (const code of ["a\0b", "'\ud800'"]) {
      expect((await execute({ code })).error).toMatchObject({
        type: "SyntaxError",
        message: expect.stringContaining("the source contains"),
      });
    }
  });

  test("end with the signal of either library, and at the time limit", async () => {
    for (const name of ["signal", "abortSignal"]) {
      const { execute } = pythonTool({}, 2 ** 50);
      const context = { [name]: AbortSignal.timeout(100) };
      expect((await execute({ code: "while True: pass" }, context)).status, name).toBe("aborted");
    }
    const { execute } = pythonTool({ timeout: 100 }, 2 ** 50);
    expect((await execute({ code: "while True: pass" })).status).toBe("timeout");
  });

  test("of the wrong shape, or after close, are rejected", async () => {
    const tool = pythonTool();
    for (const input of [{}, null, undefined, "1", { code: 1 }]) {
      await expect(tool.execute(input as never)).rejects.toThrow(SandboxUsageError);
    }
    tool.close();
    await expect(tool.execute({ code: "1" })).rejects.toThrow("closed");
  });
});
