// Giving a module's register code another tier: the compiler, or what was compiled ahead of time.
import type { ModuleContext } from "../lowering/module-context.js";
import type { RegisterCode } from "../register-code/register-code.js";
import { type AheadModule, loopsOf } from "./ahead-code.js";
import { AheadFunctions } from "./ahead-functions.js";
import type { CompilerSettings } from "./settings.js";
import { CompilerTier } from "./tier.js";

/** Of code that is there already. */
const AHEAD_SETTINGS: CompilerSettings = { threshold: 0, slice: 1 << 14, stress: null };

/**
 * Gives a module's code what was compiled ahead of time: also to code that runs, which is bound anew when it goes on.
 * Calls find it at once; so do loops in the middle of which it can be entered, if functions were lowered for that.
 */
export function installAhead(context: ModuleContext, ahead: AheadModule): void {
  const { code } = context;
  lowerForAhead(code, ahead);
  code.tier = new CompilerTier(context, AHEAD_SETTINGS, new AheadFunctions(ahead, context));
  code.isAskedAtLoops = true;
}

/** From now on functions are lowered so that loops can go on in `ahead`: if none has been lowered yet. */
export function lowerForAhead(code: RegisterCode, ahead: AheadModule): void {
  if (code.fast.size === 0) code.askedLoops = loopsOf(ahead);
}

/** Gives a module's code a compiler. @throws where the host lets no code be made of text (mayMakeCode) */
export function installCompiler(context: ModuleContext, settings: CompilerSettings): void {
  context.code.tier = new CompilerTier(context, settings);
}
