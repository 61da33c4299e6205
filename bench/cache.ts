// Where benchmarks and fuzzing keep what takes long to install or to make: outside of the repository, so that it
// outlives a checkout. bench/peers/install.sh has the same rule.
import { homedir } from "node:os";
import path from "node:path";

/** `$ESCAPEMENT_CACHE`, else `escapement` in the user's cache folder. */
export function cachePath(...parts: readonly string[]): string {
  const { ESCAPEMENT_CACHE, XDG_CACHE_HOME } = process.env;
  return path.join(
    ESCAPEMENT_CACHE ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "escapement"),
    ...parts,
  );
}
