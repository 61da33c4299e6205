import { describe, expect, test } from "vitest";
import * as errno from "../guest/errno.js";
import {
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  SEEK_CUR,
  SEEK_END,
  SEEK_SET,
} from "../world/posix-calls.js";
import { PosixFiles } from "../world/posix-files.js";
import { checkPosixFilesState } from "../world/posix-files-check.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (content: Uint8Array) => new TextDecoder().decode(content);

/** The errno of a call that must fail. */
function errnoOf(body: () => unknown): number {
  try {
    body();
  } catch (error) {
    if (error instanceof errno.FileSystemError) return error.errno;
    throw error;
  }
  throw new Error("the call succeeded");
}

function sample(): PosixFiles {
  const files = new PosixFiles();
  files.mkdirs("/a/b/c");
  files.writeFile("/a/file", bytes("content"));
  files.writeFile("/a/b/other", bytes("other"));
  return files;
}

function readAll(files: PosixFiles, fd: number): string {
  let all = "";
  const buffer = new Uint8Array(3);
  for (let n = files.read(fd, buffer); n > 0; n = files.read(fd, buffer)) all += text(buffer.subarray(0, n));
  return all;
}

describe("paths", () => {
  test.each(["/a/file", "//a///file", "/./a/./file", "/a/b/../file", "/../../a/file", "/a/b/c/../../file"])(
    "%s leads to the file",
    (path) => {
      expect(text(sample().readFile(path))).toBe("content");
    },
  );

  test("relative paths start from the working directory", () => {
    const files = sample();
    files.chdir("/a/b");
    expect(files.getcwd()).toBe("/a/b");
    expect(text(files.readFile("other"))).toBe("other");
    expect(text(files.readFile("../file"))).toBe("content");
    files.chdir("..");
    expect(files.getcwd()).toBe("/a");
    files.chdir("../../..");
    expect(files.getcwd()).toBe("/");
  });

  test.each([
    ["", errno.ENOENT],
    ["/nope", errno.ENOENT],
    ["/nope/../a", errno.ENOENT],
    ["/a/file/", errno.ENOTDIR],
    ["/a/file/.", errno.ENOTDIR],
    ["/a/file/x", errno.ENOTDIR],
    ["/a/file/..", errno.ENOTDIR],
    ["/a\0b", errno.EINVAL],
    [`/${"n".repeat(256)}`, errno.ENAMETOOLONG],
    [`/${"é".repeat(128)}`, errno.ENAMETOOLONG],
    ["/x".repeat(2049), errno.ENAMETOOLONG],
  ])("stat of %j fails", (path, expected) => {
    expect(errnoOf(() => sample().stat(path))).toBe(expected);
  });

  test("names may have 255 bytes", () => {
    const files = new PosixFiles();
    files.writeFile(`/${"é".repeat(127)}x`, bytes("1"));
    expect(files.list("/")).toEqual([`${"é".repeat(127)}x`]);
  });

  test("a name like a JavaScript property is only a name", () => {
    const files = new PosixFiles();
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect(errnoOf(() => files.stat(`/${name}`))).toBe(errno.ENOENT);
      files.writeFile(`/${name}`, bytes(name));
      expect(text(files.readFile(`/${name}`))).toBe(name);
    }
  });
});

describe("open", () => {
  test.each([
    ["/nope", O_RDONLY, errno.ENOENT],
    ["/nope/x", O_WRONLY | O_CREAT, errno.ENOENT],
    ["/new/", O_WRONLY | O_CREAT, errno.EISDIR],
    ["/a", O_WRONLY, errno.EISDIR],
    ["/a", O_RDONLY | O_CREAT, errno.EISDIR],
    ["/a/file", O_RDONLY | O_DIRECTORY, errno.ENOTDIR],
    ["/a/file", O_WRONLY | O_CREAT | O_EXCL, errno.EEXIST],
  ])("of %s with flags %o fails", (path, flags, expected) => {
    const files = sample();
    const count = files.nodeCount;
    expect(errnoOf(() => files.open(path, flags))).toBe(expected);
    expect(files.nodeCount).toBe(count);
    expect(files.isOpen(0)).toBe(false);
  });

  test("gives the lowest free descriptor, up to the limit", () => {
    const files = new PosixFiles({ maxOpenFiles: 3 });
    files.writeFile("/f", bytes(""));
    expect([0, 1, 2].map(() => files.open("/f", O_RDONLY))).toEqual([0, 1, 2]);
    expect(errnoOf(() => files.open("/f", O_RDONLY))).toBe(errno.EMFILE);
    files.close(1);
    expect(files.open("/f", O_RDONLY)).toBe(1);
    expect(errnoOf(() => files.close(7))).toBe(errno.EBADF);
  });

  test("access follows the mode", () => {
    const files = sample();
    const reader = files.open("/a/file", O_RDONLY);
    const writer = files.open("/a/file", O_WRONLY);
    expect(errnoOf(() => files.write(reader, bytes("x")))).toBe(errno.EBADF);
    expect(errnoOf(() => files.read(writer, new Uint8Array(1)))).toBe(errno.EBADF);
    expect(errnoOf(() => files.read(files.open("/a", O_RDONLY), new Uint8Array(1)))).toBe(errno.EISDIR);
  });
});

describe("reading and writing", () => {
  test("each open file has its own offset", () => {
    const files = sample();
    const one = files.open("/a/file", O_RDONLY);
    const two = files.open("/a/file", O_RDONLY);
    const buffer = new Uint8Array(3);
    files.read(one, buffer);
    expect(text(buffer)).toBe("con");
    expect(readAll(files, two)).toBe("content");
    expect(readAll(files, one)).toBe("tent");
  });

  test("append writes at the end whatever the offset", () => {
    const files = sample();
    const fd = files.open("/a/file", O_RDWR | O_APPEND);
    files.seek(fd, 0, SEEK_SET);
    files.write(fd, bytes("+"));
    expect(text(files.readFile("/a/file"))).toBe("content+");
  });

  test("truncating empties the file and gives its bytes back", () => {
    const files = sample();
    const before = files.usedBytes;
    files.close(files.open("/a/file", O_WRONLY | O_TRUNC));
    expect(files.usedBytes).toBe(before - "content".length);
    files.open("/a/file", O_RDONLY | O_TRUNC);
    expect(files.stat("/a/file").size).toBe(0);
  });

  test("a gap reads as zeros, also where longer content was before", () => {
    const files = sample();
    files.close(files.open("/a/file", O_WRONLY | O_TRUNC));
    const fd = files.open("/a/file", O_WRONLY);
    files.seek(fd, 4, SEEK_SET);
    files.write(fd, bytes("x"));
    expect([...files.readFile("/a/file")]).toEqual([0, 0, 0, 0, 120]);
  });

  test("seek counts from the start, the offset and the end", () => {
    const files = sample();
    const fd = files.open("/a/file", O_RDONLY);
    expect(files.seek(fd, 2, SEEK_SET)).toBe(2);
    expect(files.seek(fd, 3, SEEK_CUR)).toBe(5);
    expect(files.seek(fd, -1, SEEK_END)).toBe(6);
    expect(readAll(files, fd)).toBe("t");
    expect(files.seek(fd, 100, SEEK_END)).toBe(107);
    expect(readAll(files, fd)).toBe("");
    for (const [offset, whence] of [
      [-1, SEEK_SET],
      [-200, SEEK_CUR],
      [0, 9],
      [2 ** 60, SEEK_SET],
    ] as const)
      expect(errnoOf(() => files.seek(fd, offset, whence))).toBe(errno.EINVAL);
  });

  test("a removed file lives on while it is open", () => {
    const files = sample();
    const fd = files.open("/a/file", O_RDWR);
    files.unlink("/a/file");
    expect(errnoOf(() => files.stat("/a/file"))).toBe(errno.ENOENT);
    files.write(fd, bytes("CON"));
    files.seek(fd, 0, SEEK_SET);
    expect(readAll(files, fd)).toBe("CONtent");
    const before = files.usedBytes;
    files.close(fd);
    expect(files.usedBytes).toBe(before - 7);
  });
});

describe("the price of a gap", () => {
  test("is that of the zeros before the first byte, however many pieces are written, and nothing when appending", () => {
    const files = sample();
    const fd = files.open("/a/file", O_RDWR);
    files.seek(fd, 7 + 1600, SEEK_SET);
    expect(files.price(fd, [bytes(""), bytes("a"), bytes("b")])).toBe(100);
    expect(files.price(fd, [])).toBe(0);
    files.write(fd, bytes("a"));
    expect(files.price(fd, [bytes("b")])).toBe(0);
    files.seek(fd, 2 ** 40, SEEK_SET);
    // What the quota does not allow is refused, and makes none.
    expect(files.price(fd, [bytes("b")])).toBe(0);
    const appending = files.open("/a/file", O_WRONLY | O_APPEND);
    files.seek(appending, 5000, SEEK_SET);
    expect(files.price(appending, [bytes("b")])).toBe(0);
  });
});

describe("quotas", () => {
  test("a write that does not fit writes nothing", () => {
    const files = new PosixFiles({ maxBytes: 10 });
    files.writeFile("/f", bytes("12345678"));
    const fd = files.open("/f", O_WRONLY | O_APPEND);
    expect(errnoOf(() => files.write(fd, bytes("abc")))).toBe(errno.ENOSPC);
    expect(text(files.readFile("/f"))).toBe("12345678");
    expect(files.write(fd, bytes("ab"))).toBe(2);
    expect(files.usedBytes).toBe(10);
    files.seek(fd, 2 ** 50, SEEK_SET);
    expect(errnoOf(() => files.write(files.open("/f", O_WRONLY), new Uint8Array(11)))).toBe(errno.ENOSPC);
  });

  test("a far offset does not make a large file", () => {
    const files = new PosixFiles({ maxBytes: 1000 });
    const fd = files.open("/f", O_WRONLY | O_CREAT);
    files.seek(fd, 2 ** 52, SEEK_SET);
    expect(errnoOf(() => files.write(fd, bytes("x")))).toBe(errno.ENOSPC);
    expect(files.usedBytes).toBe(0);
  });

  test("removing gives bytes and nodes back", () => {
    const files = new PosixFiles({ maxBytes: 100, maxNodes: 4 });
    for (let round = 0; round < 50; round++) {
      files.mkdir("/d");
      files.writeFile("/d/f", new Uint8Array(100));
      files.writeFile("/d/g", new Uint8Array(0));
      expect(errnoOf(() => files.mkdir("/e"))).toBe(errno.ENOSPC);
      expect(errnoOf(() => files.open("/d/h", O_WRONLY | O_CREAT))).toBe(errno.ENOSPC);
      files.unlink("/d/f");
      files.unlink("/d/g");
      files.rmdir("/d");
    }
    expect([files.usedBytes, files.nodeCount]).toEqual([0, 1]);
  });
});

describe("directories", () => {
  test("mkdir and rmdir", () => {
    const files = sample();
    files.mkdir("/new/");
    expect(files.stat("/new").kind).toBe("directory");
    files.rmdir("/new/");
    expect(errnoOf(() => files.stat("/new"))).toBe(errno.ENOENT);
  });

  test.each([
    ["mkdir", "/a", errno.EEXIST],
    ["mkdir", "/", errno.EEXIST],
    ["mkdir", "/a/file", errno.EEXIST],
    ["mkdir", "/nope/x", errno.ENOENT],
    ["mkdir", "/a/.", errno.EEXIST],
    ["rmdir", "/a", errno.ENOTEMPTY],
    ["rmdir", "/nope", errno.ENOENT],
    ["rmdir", "/a/file", errno.ENOTDIR],
    ["rmdir", "/a/b/c/.", errno.EINVAL],
    ["rmdir", "/a/b/c/..", errno.ENOTEMPTY],
    ["unlink", "/a", errno.EISDIR],
    ["unlink", "/nope", errno.ENOENT],
    ["chdir", "/a/file", errno.ENOTDIR],
    ["chdir", "/nope", errno.ENOENT],
  ] as const)("%s %s fails", (call, path, expected) => {
    expect(errnoOf(() => sample()[call](path))).toBe(expected);
  });

  test("the root and the working directory cannot be removed", () => {
    const files = new PosixFiles();
    expect(errnoOf(() => files.rmdir("/"))).toBe(errno.EBUSY);
    files.mkdirs("/w");
    files.chdir("/w");
    expect(errnoOf(() => files.rmdir("/w"))).toBe(errno.EBUSY);
    expect(errnoOf(() => files.rmdir("../w"))).toBe(errno.EBUSY);
    // Another directory may take its place: it is nowhere then.
    files.mkdirs("/x");
    files.rename("/x", "/w");
    expect(errnoOf(() => files.getcwd())).toBe(errno.ENOENT);
    expect(errnoOf(() => files.mkdir("y"))).toBe(errno.ENOENT);
    files.chdir("/");
    expect(files.list("/")).toEqual(["w"]);
  });

  test("rmdir of a directory that is open leaves it empty and nameless until it is closed, as on POSIX", () => {
    const files = sample();
    const count = files.nodeCount;
    const fd = files.open("/a/b/c", O_RDONLY);
    const other = files.open("/a/b/c", O_RDONLY);
    expect(files.readDirectory(other).map(({ name }) => name)).toEqual([".", ".."]);
    files.rmdir("/a/b/c");
    expect(errnoOf(() => files.stat("/a/b/c"))).toBe(errno.ENOENT);
    files.mkdir("/a/b/c");
    expect(files.fstat(fd)).toMatchObject({ kind: "directory" });
    expect(files.readDirectory(fd)).toEqual([]);
    const base = files.directoryOf(fd);
    expect(files.stat(".", base).inode).toBe(files.fstat(fd).inode);
    for (const call of [
      () => files.open("x", O_CREAT | O_WRONLY, base),
      () => files.mkdir("d", base),
      () => files.stat("..", base),
      () => files.stat("../other", base),
      () => files.rename("/a/file", "file", undefined, base),
    ])
      expect(errnoOf(call)).toBe(errno.ENOENT);
    // The state holds it, and is one that may be taken over.
    const state = structuredClone(files.saveState());
    const copy = new PosixFiles();
    expect(() => checkPosixFilesState(state, copy)).not.toThrow();
    copy.restoreState(state);
    expect(copy.readDirectory(fd)).toEqual([]);
    for (const either of [files, copy]) {
      either.close(fd);
      expect(either.nodeCount).toBe(count + 1);
      either.close(other);
      expect(either.nodeCount).toBe(count);
    }
  });

  test("listing keeps its places while entries come and go, and starts anew after a rewind", () => {
    const files = sample();
    const fd = files.open("/a", O_RDONLY);
    expect(files.readDirectory(fd).map((entry) => `${entry.name} ${entry.kind}`)).toEqual([
      ". directory",
      ".. directory",
      "b directory",
      "file file",
    ]);
    files.seek(fd, 3, SEEK_SET);
    files.unlink("/a/file");
    files.writeFile("/a/later", bytes(""));
    expect(files.readDirectory(fd).map((entry) => entry.name)).toEqual(["file"]);
    files.seek(fd, 0, SEEK_SET);
    expect(files.readDirectory(fd).map((entry) => entry.name)).toEqual([".", "..", "b", "later"]);
  });
});

describe("rename", () => {
  test("moves files and directories, and replaces files and empty directories", () => {
    const files = sample();
    files.rename("/a/file", "/a/b/other");
    expect(text(files.readFile("/a/b/other"))).toBe("content");
    expect(files.usedBytes).toBe(7);
    files.mkdir("/empty");
    files.rename("/a/b", "/empty");
    expect(files.list("/empty")).toEqual(["c", "other"]);
    expect(files.list("/a")).toEqual([]);
    files.chdir("/empty/c");
    files.rename("/empty", "/a/moved");
    expect(files.getcwd()).toBe("/a/moved/c");
    expect(files.stat("..").inode).toBe(files.stat("/a/moved").inode);
  });

  test.each([
    ["/nope", "/x", errno.ENOENT],
    ["/a/file", "/nope/x", errno.ENOENT],
    ["/a", "/a/b/inside", errno.EINVAL],
    ["/a", "/a/x", errno.EINVAL],
    ["/a/file", "/a/b", errno.EISDIR],
    ["/a/b", "/a/file", errno.ENOTDIR],
    ["/a/b", "/full", errno.ENOTEMPTY],
    ["/a/file", "/a/new/", errno.ENOTDIR],
    ["/", "/x", errno.EBUSY],
    ["/a/.", "/x", errno.EBUSY],
    ["/a/b/..", "/x", errno.EBUSY],
  ])("%s to %s fails and changes nothing", (from, to, expected) => {
    const files = sample();
    files.mkdirs("/full/x");
    const before = files.saveState();
    expect(errnoOf(() => files.rename(from, to))).toBe(expected);
    expect(files.saveState()).toEqual(before);
  });

  test("onto itself does nothing", () => {
    const files = sample();
    files.rename("/a/file", "/a/../a/file");
    expect(text(files.readFile("/a/file"))).toBe("content");
  });
});

describe("read-only parts", () => {
  test("refuse every change, and none of the tricks around them works", () => {
    const files = sample();
    files.mkdir("/w");
    files.setReadOnly("/a", true);
    const before = files.saveState();
    for (const attempt of [
      () => files.open("/a/file", O_WRONLY),
      () => files.open("/a/file", O_RDWR | O_TRUNC),
      () => files.open("/a/new", O_WRONLY | O_CREAT),
      () => files.open("/w/../a/b/other", O_WRONLY | O_APPEND),
      () => files.unlink("/a/file"),
      () => files.mkdir("/a/dir"),
      () => files.rmdir("/a/b/c"),
      () => files.rename("/a/file", "/w/file"),
      () => files.rename("/w", "/a/w"),
      () => files.rename("/a/b", "/w/b"),
      () => files.rename("/a", "/w/a"),
    ])
      expect(errnoOf(attempt)).toBe(errno.EROFS);
    expect(files.saveState()).toEqual(before);
    expect(text(files.readFile("/a/file"))).toBe("content");
  });
});

describe("devices", () => {
  test("pass bytes to what the embedder gave, and cannot be moved, removed or sought in", () => {
    const written: string[] = [];
    const files = new PosixFiles(
      {},
      new Map([
        [
          "echo",
          {
            read: (target: Uint8Array) => {
              target[0] = 42;
              return 1;
            },
            write: (source: Uint8Array) => void written.push(text(source)),
          },
        ],
      ]),
    );
    files.addDevice("/dev", "echo");
    const fd = files.open("/dev", O_RDWR | O_TRUNC);
    expect(files.write(fd, bytes("hi"))).toBe(2);
    const buffer = new Uint8Array(4);
    expect([files.read(fd, buffer), buffer[0]]).toEqual([1, 42]);
    expect(written).toEqual(["hi"]);
    expect(errnoOf(() => files.seek(fd, 0, SEEK_SET))).toBe(errno.ESPIPE);
    expect(errnoOf(() => files.unlink("/dev"))).toBe(errno.EBUSY);
    expect(errnoOf(() => files.rename("/dev", "/x"))).toBe(errno.EBUSY);
    expect(files.stat("/dev").kind).toBe("device");
  });
});

describe("state", () => {
  test("survives a structured clone with open files, offsets, removed files and the working directory", () => {
    const files = sample();
    files.chdir("/a/b");
    const reader = files.open("../file", O_RDONLY);
    files.read(reader, new Uint8Array(3));
    const ghost = files.open("other", O_RDWR);
    files.unlink("other");
    const listing = files.open("/a", O_RDONLY);
    files.readDirectory(listing);
    files.seek(listing, 2, SEEK_SET);
    const state = structuredClone(files.saveState());

    const copy = new PosixFiles();
    copy.restoreState(state);
    expect(copy.saveState()).toEqual(state);
    expect(readAll(copy, reader)).toBe("tent");
    expect(readAll(copy, ghost)).toBe("other");
    expect(copy.readDirectory(listing).map((entry) => entry.name)).toEqual(["b", "file"]);
    expect(copy.getcwd()).toBe("/a/b");
    expect(copy.usedBytes).toBe(files.usedBytes);
    // The copy is independent, and so is the state.
    copy.writeFile("/a/file", bytes("changed"));
    expect(text(files.readFile("/a/file"))).toBe("content");
    expect(files.saveState()).toEqual(state);
    copy.close(ghost);
    expect(copy.usedBytes).toBe(7);
  });
});
