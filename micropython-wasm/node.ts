// The public face of what needs Node: files of the host's for a sandbox's /input, and CPython in the user's cache.

export { type InstalledImage, listImages, removeImages } from "./cpython/images-node.js";
export {
  addCPython,
  InstallError,
  type InstalledArtifact,
  type InstallOptions,
  listArtifacts,
  removeCPython,
} from "./cpython/install-node.js";
export { type HostFileLimits, readHostFiles } from "./host-files-node.js";
