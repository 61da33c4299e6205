/** The assembler, or a check of the harness in its place, refused the text of a module. */
export class AssemblyError extends Error {
  override readonly name = "AssemblyError";
}
