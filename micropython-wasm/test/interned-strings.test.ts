// Interned strings that the index has (patch/strings.wat), and those it has no room for.

import { describe, expect, test } from "vitest";
import { EmscriptenPython } from "../emscripten/python.js";
import { ENGINES } from "./engines.js";

/** More names than the index takes, each looked for when there are all of them. */
const MANY = `
class Names: pass
names = Names()
for i in range(7000): setattr(names, "name_%d" % i, i)
text = "".join(["name", "_69", "99"])
[sum(getattr(names, "name_%d" % i) for i in range(7000)), getattr(names, text), hasattr(names, "name_7000"),
  "".join(["na", "mes"]) in globals(), getattr(names, "", None), {"": 1}["".join([])]]`;

describe.each(ENGINES)("on %s", (_engine, factory) => {
  test("more names than the index has room for are told apart", async () => {
    const python = await EmscriptenPython.boot(factory());
    const { error, value } = await python.run(MANY, { fuel: 20e9 });
    expect(error).toBeNull();
    expect(value).toEqual([(7000 * 6999) / 2, 6999, false, true, null, 1]);
  });
});
