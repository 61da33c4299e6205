import {
  type DecodedModule,
  type ExternKind,
  encodeOutline,
  type Import,
  type LazyModule,
} from "../../decoder/index.js";
import { type AheadModule, checkAhead, codeFor } from "../compiler/ahead-code.js";
import { installAhead, installCompiler, lowerForAhead } from "../compiler/install.js";
import { writeProfile } from "../compiler/profile.js";
import { UsageError } from "../errors.js";
import { encodeCode, restoreCode } from "../lowering/code-archive.js";
import { prepareModule } from "../lowering/lower.js";
import type { ModuleContext } from "../lowering/module-context.js";
import { giveHash } from "../module-hash.js";
import type { RegisterCode } from "../register-code/register-code.js";
import { describeExtern, type ExternType } from "../store/exports.js";
import type { Engine } from "./engine.js";

export interface ImportDescriptor {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternKind;
  readonly type: ExternType;
  /** The type in words: `func [i32] -> []`. */
  readonly description: string;
}

export interface ExportDescriptor {
  readonly name: string;
  readonly kind: ExternKind;
  readonly type: ExternType;
  /** The type in words: `memory 1..2`. */
  readonly description: string;
}

/** A decoded and validated module of one engine; made by {@link Engine.compile}. */
export class Module {
  private registerCode: RegisterCode | undefined;
  private ahead: AheadModule | null;

  constructor(
    readonly engine: Engine,
    readonly decoded: DecodedModule,
    /** Where bodies are validated later. */
    private readonly lazy: LazyModule | null = null,
    private readonly codeArchive: Uint8Array | null = null,
  ) {
    this.ahead = engine.aheadOf(decoded);
  }

  /** Register code under the engine's fuel schedule, which all instances share; functions are lowered when first called. */
  get code(): RegisterCode {
    this.registerCode ??= this.prepareCode();
    return this.registerCode;
  }

  private prepareCode(): RegisterCode {
    const { compilerSettings, schedule, takesProfiles, takesAheadLater } = this.engine;
    const { lazy, decoded } = this;
    const context = prepareModule(
      decoded,
      schedule,
      lazy === null ? null : (index) => lazy.validateBody(decoded.importedFuncCount + index),
      takesProfiles ? new Map() : null,
      this.engine.chargeListener,
    );
    if (compilerSettings !== null) installCompiler(context, compilerSettings);
    // What was lowered without counting does not count.
    if (this.codeArchive !== null && !takesProfiles && this.engine.chargeListener === null)
      restoreCode(context, this.codeArchive);
    if (this.ahead !== null) installAhead(context, this.ahead);
    context.code.isTrained = this.ahead === null && !takesAheadLater;
    return context.code;
  }

  /**
   * Gives the module code that was compiled ahead of time, whenever that is there: what runs goes on in it from its next
   * calls, and from the next rounds of loops, if functions were lowered for that (`saveCode` of a module that was told so
   * by {@link lowerFor}). Nothing else changes for guests. Once: a second time does nothing.
   * @param known the module's hash, where it is known, as of {@link Engine.compileLazily}: else it is made
   * @throws UsageError for code of another module, schedule or version; unless the engine's option `ahead` is "later"
   */
  giveAhead(code: AheadModule, known: { readonly sha256?: Uint8Array } = {}): void {
    const { takesAheadLater, schedule } = this.engine;
    if (!takesAheadLater) throw new UsageError('modules are given code by engines whose option ahead is "later"');
    checkAhead(code);
    if (this.ahead !== null) return;
    if (known.sha256 !== undefined) giveHash(this.decoded, known.sha256);
    this.ahead = codeFor([code], this.decoded, schedule);
    if (this.registerCode !== undefined) installAhead(this.code.context as ModuleContext, this.ahead);
  }

  /**
   * From now on functions are lowered so that loops can go on in `code` when that is given: if none was lowered yet.
   * @throws UsageError for what is no code of this version
   */
  lowerFor(code: AheadModule): void {
    checkAhead(code);
    lowerForAhead(this.code, code);
  }

  /**
   * How often the blocks of this module's functions have run so far, in all instances, as text (compiler/profile.ts):
   * what compiling ahead of time asks for.
   * @throws UsageError if the engine takes no profiles
   */
  profile(): string {
    const { blockCounts } = this.code.context as ModuleContext;
    if (blockCounts === null) throw new UsageError("profiles are taken by an Engine with the option profile: true");
    return writeProfile(this.decoded, blockCounts);
  }

  /**
   * The functions that have been lowered so far as bytes, for {@link Engine.compileLazily}.
   * @throws UsageError if an execution has been stopped in the middle of a stretch of code
   */
  saveCode(): Uint8Array {
    return encodeCode(this.code.context as ModuleContext);
  }

  /**
   * What there is outside of functions and data, as bytes, for {@link Engine.openModule}.
   * @throws UsageError if it was compiled otherwise than by {@link Engine.compileLazily}
   */
  outline(): Uint8Array {
    const parts = this.lazy?.parts;
    if (parts == null) throw new UsageError("outlines are of modules that Engine.compileLazily has given");
    return encodeOutline(parts);
  }

  /** In the order of the import section. */
  imports(): ImportDescriptor[] {
    return this.decoded.imports.map((entry) => this.describeImport(entry));
  }

  describeImport(entry: Import): ImportDescriptor {
    const { module, name, kind } = entry;
    return { module, name, kind, type: entry, description: describeExtern(this.engine.registry, entry) };
  }

  /** In the order of the export section. */
  exports(): ExportDescriptor[] {
    return this.decoded.exports.map(({ name, kind, index }) => {
      const type = typeOf(this.decoded, kind, index);
      return { name, kind, type, description: describeExtern(this.engine.registry, type) };
    });
  }

  /** Copies of the payloads of all custom sections with this name, in order. */
  customSections(name: string): Uint8Array[] {
    if (typeof name !== "string") throw new UsageError("the name of a custom section is a string");
    const { content, customs } = this.decoded;
    return customs.filter((custom) => custom.name === name).map(({ start, end }) => content.range(start, end).slice());
  }
}

function typeOf(module: DecodedModule, kind: ExternKind, index: number): ExternType {
  switch (kind) {
    case "func":
      return { kind, typeId: module.funcs[index]! };
    case "tag":
      return { kind, typeId: module.tags[index]! };
    case "table":
      return { kind, type: module.tables[index]! };
    case "memory":
      return { kind, type: module.memories[index]! };
    case "global":
      return { kind, type: module.globals[index]! };
  }
}
