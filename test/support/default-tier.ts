// Which tier tests run on that name none: ESCAPEMENT_TIER=compiler compiles whatever is called, =stress also leaves
// compiled code at random, with a fixed seed, wherever it looks at its fuel.
import { AT_ONCE } from "../../runtime/compiler/settings.js";
import { defaultTier } from "../../runtime/embedding/engine.js";
import { atRandom } from "./stress.js";

const { ESCAPEMENT_TIER: tier } = process.env;
if (tier === "compiler" || tier === "stress") {
  defaultTier.tier = "compiler";
  defaultTier.settings = tier === "stress" ? { ...AT_ONCE, stress: atRandom(1) } : AT_ONCE;
}
