// Runs in each engine as a classic script, with `MODULES` in front of it: what the engine says to each program.
// biome-ignore-all lint: runs in engines of any age.
function report() {
  const said = (steps) => {
    try {
      return { value: String(steps()) };
    } catch (error) {
      return { error: error && error.name, text: String(error && error.message) };
    }
  };
  const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const traps = MODULES.map((text) => {
    let module;
    try {
      module = new WebAssembly.Module(bytesOf(text));
    } catch {
      return { error: "", text: "" };
    }
    return said(() => new WebAssembly.Instance(module).exports.f());
  });
  const empty = [0, 97, 115, 109, 1, 0, 0, 0];
  const importer = new Uint8Array([...empty, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 109, 1, 102, 0, 0]);
  const facts = {
    "new Memory({ initial: 65537 })": said(() => new WebAssembly.Memory({ initial: 65537 })),
    "new Memory({ initial: 2, maximum: 1 })": said(() => new WebAssembly.Memory({ initial: 2, maximum: 1 })),
    "memory.grow beyond the maximum": said(() => new WebAssembly.Memory({ initial: 1, maximum: 1 }).grow(1)),
    "table.get out of range": said(() => new WebAssembly.Table({ initial: 1, element: "anyfunc" }).get(1)),
    "table.set of a plain function": said(() =>
      new WebAssembly.Table({ initial: 1, element: "anyfunc" }).set(0, () => 0),
    ),
    "global.value = of a constant": said(() => ((new WebAssembly.Global({ value: "i32" }, 1).value = 2), 0)),
    "new Module of four bytes": said(() => new WebAssembly.Module(new Uint8Array(4))),
    "import object missing": said(() => new WebAssembly.Instance(new WebAssembly.Module(importer))),
    "import module missing": said(() => new WebAssembly.Instance(new WebAssembly.Module(importer), {})),
    "import that is no function": said(
      () => new WebAssembly.Instance(new WebAssembly.Module(importer), { m: { f: 1 } }),
    ),
    "Memory() without new": said(() => WebAssembly.Memory({ initial: 1 })),
  };
  const has = (object, name) => (object && name in object ? "yes" : "no");
  const features = {
    "WebAssembly.Tag, Exception": has(WebAssembly, "Exception"),
    "WebAssembly.JSTag": has(WebAssembly, "JSTag"),
    "WebAssembly.promising": has(WebAssembly, "promising"),
    "WebAssembly.Function (type reflection)": has(WebAssembly, "Function"),
    "Memory.prototype.type": has(WebAssembly.Memory.prototype, "type"),
    "Memory.prototype.toResizableBuffer": has(WebAssembly.Memory.prototype, "toResizableBuffer"),
    "Memory of address i64":
      said(() => new WebAssembly.Memory({ initial: 1n, address: "i64" }).grow(0n)).value === "1" ? "yes" : "no",
  };
  return { traps, facts, features };
}
