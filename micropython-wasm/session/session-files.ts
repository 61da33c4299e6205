// The guest's files, as its session has them for the embedder: also while a run is under way.
import { encodeUtf8 } from "../../decoder/index.js";
import type { PythonInterpreter } from "../interpreter/interpreter.js";
import { checkContent, guestPath } from "./sandbox-options.js";
import type { SandboxFileStatus } from "./sandbox-types.js";
import type { TaskQueue } from "./task-queue.js";

export abstract class SessionFiles {
  protected abstract readonly python: PythonInterpreter;
  protected abstract readonly queue: TaskQueue;

  /** The content of a file of the guest's; a relative path is below /work. @throws FileSystemError */
  readFile(path: string): Uint8Array {
    this.queue.requireOpen();
    return this.python.environment.files.readFile(guestPath(path));
  }

  /**
   * Makes or replaces a file, and the directories that it is in, within the guest's quota and where it may write itself.
   * @throws FileSystemError
   */
  writeFile(path: string, content: Uint8Array | ArrayBuffer | string): void {
    this.queue.requireOpen();
    checkContent(content);
    const { files } = this.python.environment;
    const absolute = guestPath(path);
    const bytes = typeof content === "string" ? encodeUtf8(content) : new Uint8Array(content);
    files.mkdirs(absolute.slice(0, absolute.lastIndexOf("/")));
    files.writeFile(absolute, bytes);
  }

  /** Makes a directory, and those that it is in; it may be there. @throws FileSystemError */
  mkdir(path: string): void {
    this.queue.requireOpen();
    this.python.environment.files.mkdirs(guestPath(path));
  }

  /** Names in a directory. @throws FileSystemError */
  listFiles(path = "/work"): string[] {
    this.queue.requireOpen();
    return this.python.environment.files.list(guestPath(path));
  }

  /** What is at a path; a relative one is below /work. @throws FileSystemError */
  fileStatus(path: string): SandboxFileStatus {
    this.queue.requireOpen();
    const { kind, size, readOnly } = this.python.environment.files.stat(guestPath(path));
    return { kind, size: kind === "file" ? size : 0, readOnly };
  }
}
