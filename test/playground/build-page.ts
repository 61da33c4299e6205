// Builds examples/playground as its README says, once for all tests.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

export default function setup(): void {
  const npm = (...args: string[]): void => {
    execFileSync("npm", ["--prefix", "examples/playground", ...args], { stdio: ["ignore", "ignore", "inherit"] });
  };
  if (!existsSync("dist/bundle/runtime.js")) execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
  // The engine is built already: what it is linked from need not prepare it again.
  npm("ci", "--ignore-scripts", "--silent");
  npm("run", "--silent", "build");
}
