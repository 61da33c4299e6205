// Which of the artifact's builds a session runs.

/**
 * - `standard`: the default.
 * - `ulab`: with ulab, arrays in the manner of numpy.
 * - `settrace`: with `sys.settrace`; calls cost some forty times more. For debugging.
 * - `settrace-ulab`: with both.
 */
export type ArtifactBuild = (typeof ARTIFACT_BUILDS)[number];

export const ARTIFACT_BUILDS = ["standard", "ulab", "settrace", "settrace-ulab"] as const;
export const DEFAULT_BUILD = "standard" satisfies ArtifactBuild;
