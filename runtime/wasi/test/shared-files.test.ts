import { describe, expect, test } from "vitest";
import { contentOf, Errno, Filetype, OPEN_DIRECTORY, SharedFiles } from "../index.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const OPEN_FILE = { ...OPEN_DIRECTORY, directory: false };
const make = () => new SharedFiles({ "lib/a.txt": contentOf(bytes("hello")), "lib/deep/b": contentOf(bytes("b")) });
const failure = (errno: number) => expect.objectContaining({ errno });

describe("files that guests share", () => {
  test("are found, listed and read, in part and past their end", () => {
    const files = make();
    const lib = files.openDirectory("lib");
    expect(files.list(lib)).toEqual(["a.txt", "deep"]);
    expect(files.lookup(lib, "a.txt")).toMatchObject({ filetype: Filetype.regular_file, size: 5, links: 1 });
    expect(files.lookup(lib, "missing")).toBeUndefined();
    const file = files.open(lib, "a.txt", OPEN_FILE);
    const target = new Uint8Array(4);
    expect(files.read(file, 3, target)).toBe(2);
    expect(target).toEqual(Uint8Array.of(0x6c, 0x6f, 0, 0));
    expect(files.read(file, 5, target)).toBe(0);
    expect(files.read(file, 2 ** 40, target)).toBe(0);
  });

  test("have the same numbers whoever opens them, and in whichever copy", () => {
    const [a, b] = [make(), make()];
    const open = (files: SharedFiles) => files.open(files.openDirectory("lib/deep"), "b", OPEN_FILE);
    expect(open(a)).toBe(open(b));
    a.close();
    expect(open(a)).toBe(open(b));
  });

  test("refuse every change", () => {
    const files = make();
    const lib = files.openDirectory("lib");
    for (const change of [
      () => files.open(lib, "new", { ...OPEN_FILE, create: true }),
      () => files.open(lib, "a.txt", { ...OPEN_FILE, write: true }),
      () => files.open(lib, "a.txt", { ...OPEN_FILE, truncate: true }),
      () => files.write(),
      () => files.unlink(),
      () => files.rename(),
      () => files.createDirectory(),
      () => files.setTimes(),
    ])
      expect(change).toThrow(failure(Errno.rofs));
  });

  test("refuse what is not there or of another kind", () => {
    const files = make();
    const lib = files.openDirectory("lib");
    expect(() => files.open(lib, "none", OPEN_FILE)).toThrow(failure(Errno.noent));
    expect(() => files.open(lib, "a.txt", OPEN_DIRECTORY)).toThrow(failure(Errno.notdir));
    expect(() => files.read(99, 0, new Uint8Array(1))).toThrow(failure(Errno.badf));
    expect(() => files.read(lib, 0, new Uint8Array(1))).toThrow(failure(Errno.isdir));
    for (const path of ["", "a//b", "../a", "a/."])
      expect(() => new SharedFiles({ [path]: contentOf(bytes("x")) }), path).toThrow(failure(Errno.inval));
  });
});
