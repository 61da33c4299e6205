// The public face of what needs Node: files of the host's for a sandbox's /input.

export { type HostFileLimits, readHostFiles } from "./host-files-node.js";
