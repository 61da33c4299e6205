// Folders of the host's for the option `mounts`. Node only.

import { NodeFiles } from "../../cli/wasi/index.js";
import type { MountAccess } from "../../runtime/wasi/index.js";
import { SandboxUsageError } from "../guest/errors.js";
import type { HostMount } from "./mounts.js";

/** What is open of a folder that nobody has released, and nobody can any more. */
const forgotten = new FinalizationRegistry<NodeFiles>((files) => files.dispose());

/**
 * Opens a folder, which may be reached through links itself.
 * @throws SandboxUsageError if that cannot be done
 */
export function openFolder(path: string, host: string, access: MountAccess): HostMount {
  const files = new NodeFiles();
  let directory: number;
  try {
    directory = files.openDirectory(host);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new SandboxUsageError(
      `mounts: the folder ${host} cannot be opened for ${path}: ${REASONS[code ?? ""] ?? code}`,
      {
        cause,
      },
    );
  }
  let users = 0;
  const mount: HostMount = {
    path,
    access,
    files,
    directory,
    retain: () => void users++,
    release() {
      if (--users <= 0) files.dispose();
    },
  };
  forgotten.register(mount, files);
  return mount;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is none",
  ENOTDIR: "it is no folder",
  EACCES: "permission denied",
  ELOOP: "its links lead in a circle",
};
