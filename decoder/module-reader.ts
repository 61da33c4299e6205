// Bytes to a validated module: the header and the order of sections (spec 5.5).

import { InvalidError } from "./errors.js";
import { featureUses } from "./features.js";
import { InstructionReader } from "./instructions.js";
import { checkLimit, DEFAULT_DECODE_LIMITS, type DecodeLimits } from "./limits.js";
import type { DecodedModule } from "./module.js";
import { ModuleContent } from "./module-content.js";
import { ModuleDraft } from "./module-draft.js";
import type { Feature } from "./opcodes.js";
import { readCodeSection } from "./section-code.js";
import {
  readExportSection,
  readFunctionSection,
  readGlobalSection,
  readImportSection,
  readMemorySection,
  readStartSection,
  readTableSection,
  readTagSection,
} from "./section-definitions.js";
import { readDataCountSection, readDataSection, readElementSection } from "./section-segments.js";
import { readTypeSection } from "./section-types.js";
import { TypeRegistry } from "./type-registry.js";
import { CodeValidator } from "./validate-code.js";

export interface ParseOptions {
  /** Where the module's types are registered; share one between modules that are linked. Default: a new one. */
  readonly registry?: TypeRegistry;
  readonly limits?: Partial<DecodeLimits>;
  /** Features that a module may use beside "mvp"; to check them reads all code once more. Default: all. */
  readonly features?: Iterable<Feature>;
}

type SectionReader = (reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator) => void;

export interface Section {
  readonly name: string;
  /** Place in the prescribed order. */
  readonly rank: number;
  readonly read: SectionReader;
}

/** By section id; 0 is the custom section, which may stand anywhere. */
export const SECTIONS: readonly (Section | undefined)[] = [
  undefined,
  { name: "type", rank: 1, read: readTypeSection },
  { name: "import", rank: 2, read: readImportSection },
  { name: "function", rank: 3, read: readFunctionSection },
  { name: "table", rank: 4, read: readTableSection },
  { name: "memory", rank: 5, read: readMemorySection },
  { name: "global", rank: 7, read: readGlobalSection },
  { name: "export", rank: 8, read: readExportSection },
  { name: "start", rank: 9, read: readStartSection },
  { name: "element", rank: 10, read: readElementSection },
  { name: "code", rank: 12, read: readCodeSection },
  { name: "data", rank: 13, read: readDataSection },
  { name: "data count", rank: 11, read: readDataCountSection },
  { name: "tag", rank: 6, read: readTagSection },
];

const CODE_RANK = 12;

/** Where the content of a section lies. */
export interface SectionRange {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

const HEADER: readonly (readonly [readonly number[], string])[] = [
  [[0x00, 0x61, 0x73, 0x6d], "magic header not detected"],
  [[0x01, 0x00, 0x00, 0x00], "unknown binary version"],
];

/**
 * Decodes and validates a module in one pass over its bytes. The bytes are kept, not copied:
 * they must not change afterwards.
 * @throws MalformedError or InvalidError, whichever is found first
 */
export function parseModule(bytes: Uint8Array, options: ParseOptions = {}): DecodedModule {
  return readModule(bytes, options, false).module;
}

/** A module of which everything but the function bodies has been validated. */
export interface LazyModule {
  readonly module: DecodedModule;
  /**
   * Validates the body of a defined function; at once if that has been done before.
   * @throws MalformedError or InvalidError, again at each call
   */
  validateBody(funcidx: number): void;
  /** What its outline is made of (outline.ts); null if it was opened by one. */
  readonly parts: ModuleParts | null;
}

/** What a module was while its sections were being read, and where those lie, but for custom ones. */
export interface ModuleParts {
  readonly draft: ModuleDraft;
  readonly sections: readonly SectionRange[];
}

/**
 * Decodes and validates a module less its function bodies: of those only the local declarations
 * are read. Code must not be used before validateBody() has accepted it.
 * @throws MalformedError or InvalidError, whichever is found first
 */
export function decodeModule(bytes: Uint8Array, options: ParseOptions = {}): LazyModule {
  const { module, draft, reader, validator, sections } = readModule(bytes, options, true);
  return lazyModule(module, reader, validator, { draft, sections });
}

/** @param validator of bodies, which reads by `reader` */
export function lazyModule(
  module: DecodedModule,
  reader: InstructionReader,
  validator: CodeValidator,
  parts: ModuleParts | null,
): LazyModule {
  const isValid = new Uint8Array(module.bodies.length);
  return {
    module,
    parts,
    validateBody(funcidx) {
      const index = funcidx - module.importedFuncCount;
      if (isValid[index] === 1) return;
      const { start, end, locals } = module.bodies.get(index)!;
      reader.offset = start;
      reader.end = module.content.array.length;
      validator.body(funcidx, locals, end);
      isValid[index] = 1;
    },
  };
}

function readModule(bytes: Uint8Array, options: ParseOptions, lazyBodies: boolean) {
  const limits = options.limits === undefined ? DEFAULT_DECODE_LIMITS : { ...DEFAULT_DECODE_LIMITS, ...options.limits };
  checkLimit("module size in bytes", bytes.length, limits.moduleBytes, 0);
  const draft = new ModuleDraft(ModuleContent.whole(bytes), options.registry ?? new TypeRegistry(), limits, lazyBodies);
  const reader = new InstructionReader(bytes, draft.types);
  const validator = new CodeValidator(draft, reader);
  readHeader(reader);
  const sections: SectionRange[] = [];
  let rank = 0;
  let after = 0;
  while (reader.offset < bytes.length) {
    const start = reader.offset;
    const id = reader.u8();
    const section = SECTIONS[id];
    if (section === undefined && id !== 0) reader.malformed(`malformed section id ${id}`, start);
    const sizeOffset = reader.offset;
    const size = reader.u32();
    if (size > bytes.length - reader.offset) reader.malformed("length out of bounds", sizeOffset);
    const end = reader.offset + size;
    if (section === undefined) {
      reader.end = end;
      const name = reader.name(limits.nameBytes);
      draft.customs.push({ name, start: reader.offset, end, after });
      reader.offset = end;
    } else {
      if (section.rank <= rank) {
        reader.malformed(`unexpected content after last section: ${section.name} section is out of order`, start);
      }
      // The function section's promise is due as soon as the place of the code section is passed.
      if (section.rank > CODE_RANK && rank < CODE_RANK) requireBodies(reader, draft, start);
      rank = section.rank;
      after = id;
      reader.end = end;
      sections.push({ id, start: reader.offset, end });
      section.read(reader, draft, validator);
      if (reader.offset !== end) {
        reader.malformed(`section size mismatch: the ${section.name} section ends ${end - reader.offset} bytes early`);
      }
    }
    reader.end = bytes.length;
  }
  if (rank < CODE_RANK) requireBodies(reader, draft, reader.offset);
  if (draft.dataCount > 0 && draft.datas.length === 0) {
    reader.malformed("data count and data section have inconsistent lengths");
  }
  const module = draft.finish();
  if (options.features !== undefined) requireFeatures(module, new Set(options.features));
  return { module, draft, reader, validator, sections };
}

function requireBodies(reader: InstructionReader, draft: ModuleDraft, offset: number): void {
  if (draft.funcs.length > draft.importedFuncCount) {
    reader.malformed("function and code section have inconsistent lengths", offset);
  }
}

function readHeader(reader: InstructionReader): void {
  for (const [expected, reason] of HEADER) {
    const start = reader.offset;
    if (reader.end - start < expected.length) reader.malformed("unexpected end");
    for (const byte of expected) if (reader.u8() !== byte) reader.malformed(reason, start);
  }
}

function requireFeatures(module: DecodedModule, allowed: ReadonlySet<Feature>): void {
  for (const [feature, offset] of featureUses(module)) {
    if (feature !== "mvp" && !allowed.has(feature)) throw new InvalidError(`feature ${feature} is not enabled`, offset);
  }
}
