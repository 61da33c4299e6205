// A thread of a worker whose machine multiplies wrongly: one product of all, which ESCAPEMENT_TEST_ODD_FACTOR names. Or,
// where it names none, one that says something else than its program has printed.
const factor = process.env.ESCAPEMENT_TEST_ODD_FACTOR;
if (factor !== undefined) {
  const wrong = Number(factor);
  const right = Math.imul;
  Math.imul = (a, b) => (a === wrong && b === 31 ? right(a, b) ^ 1 : right(a, b));
}
const { default: run } = await import(process.env.ESCAPEMENT_TEST_THREAD);

export default async function odd(task) {
  if (task.kind === "answer" && process.env.ESCAPEMENT_TEST_ODD_SILENT !== undefined) throw new Error("no answer");
  const reply = await run(task);
  if (factor === undefined && reply.kind === "outcome")
    return { ...reply, outcome: { ...reply.outcome, stdout: reply.outcome.stdout.replace("4", "5") } };
  return reply;
}
