// The commands on receipts of runs: verify, dispute, prove, check-proof.
import { type Command, Option } from "commander";
import { parseCount, parsePositive } from "./flags.js";

/** What was run, for those that run it again. */
function codeFlags(command: Command): Command {
  return command
    .requiredOption("--code <file>", "the module, or the Python program")
    .option(
      "--wasm <path>",
      "of a Python program: the build of MicroPython that ran it, if it is not the package's own",
    );
}

export function receiptCommands(root: Command): void {
  codeFlags(
    root
      .command("verify")
      .description("check a receipt: run the module or the program again, and compare every state")
      .argument("<receipt>", "what run --receipt or python --receipt wrote"),
  )
    .addOption(new Option("--jobs <count>", "parts checked side by side").argParser(parsePositive).default(1))
    .option("--snapshots <directory>", "what run --snapshots wrote: parts begin there")
    .addOption(new Option("--part <from:to>").hideHelp())
    .action(async (receipt: string, flags) => {
      const { verify } = await import("./verify.js");
      process.exitCode = await verify(receipt, flags);
    });

  codeFlags(
    root
      .command("dispute")
      .description("compare two receipts of one run: where they part, and which of them this engine gets to")
      .argument("<a>", "a receipt, as run --receipt or python --receipt writes it")
      .argument("<b>", "another one"),
  )
    .option("--snapshots-a <directory>", "what run --snapshots wrote beside the first: what differs there is told")
    .option("--snapshots-b <directory>", "the same of the second")
    .action(async (a: string, b: string, flags) => {
      const { disputeReceipts } = await import("./dispute.js");
      process.exitCode = await disputeReceipts([a, b], flags);
    });

  codeFlags(
    root
      .command("prove")
      .description("prove one step of a run: what one instruction reads and writes, for check-proof")
      .argument("<receipt>", "what run --receipt or python --receipt wrote")
      .addOption(
        new Option("--at <fuel>", "the step that the run makes with the next unit of fuel behind so many")
          .argParser(parseCount)
          .makeOptionMandatory(),
      ),
  )
    .option("-o, --output <file>", "write the proof there, not on standard output")
    .option("--snapshots <directory>", "what run --snapshots wrote: begin at the nearest one")
    .action(async (receipt: string, flags) => {
      const { prove } = await import("./prove.js");
      process.exitCode = await prove(receipt, flags);
    });

  root
    .command("check-proof")
    .description("check a proof that prove wrote, of anybody's: without the module, and without running it")
    .argument("<proof>", "the proof, JSON")
    .option("--receipt <file>", "that the proof is of this receipt's program and calls, and where its states are")
    .action(async (proof: string, flags) => {
      const { checkProof } = await import("./prove.js");
      process.exitCode = await checkProof(proof, flags);
    });
}
