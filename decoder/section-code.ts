// The code section (spec 5.5): each body is validated as it is read, or later.

import { FuncBodies, readLocals } from "./func-bodies.js";
import type { InstructionReader } from "./instructions.js";
import { checkLimit } from "./limits.js";
import type { ModuleDraft } from "./module-draft.js";
import type { CodeValidator } from "./validate-code.js";

export function readCodeSection(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator): void {
  const start = reader.offset;
  const count = reader.u32();
  if (count !== draft.funcs.length - draft.importedFuncCount) {
    reader.malformed("function and code section have inconsistent lengths", start);
  }
  draft.bodies = FuncBodies.none(draft.content, draft.types, count);
  for (let i = 0; i < count; i++) readBody(reader, draft, validator, draft.importedFuncCount + i);
}

function readBody(reader: InstructionReader, draft: ModuleDraft, validator: CodeValidator, funcidx: number): void {
  const start = reader.offset;
  const size = reader.u32();
  const sectionEnd = reader.end;
  if (size > sectionEnd - reader.offset) reader.malformed("length out of bounds", start);
  checkLimit("size of a function body in bytes", size, draft.limits.bodyBytes, start, funcidx);
  const declarationsStart = reader.offset;
  const end = declarationsStart + size;
  reader.end = end;
  const locals: number[] = [];
  const { params } = draft.registry.funcType(draft.funcs[funcidx]!);
  const localCount = params.length + readLocals(reader, locals);
  checkLimit("number of locals", localCount, draft.limits.locals, declarationsStart, funcidx);
  reader.end = sectionEnd;
  if (draft.lazyBodies) reader.offset = end;
  else validator.body(funcidx, locals, end);
  draft.bodies.push(declarationsStart, end);
}
