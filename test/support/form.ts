// The quick and the long form of a test that does much of the same: it asks `forms(quick, long)` how much. Its long form
// is a file of the same name with the ending .long.ts that imports it: `npm run test:long` collects that, with the long
// figures. Example: dispute.test.ts flips forms(6, 100) bits, 6 of them in `npm test`.

/** @returns `long` under `npm run test:long`, else `quick` */
export function forms<T>(quick: T, long: T): T {
  return process.env.ESCAPEMENT_FORM === "long" ? long : quick;
}
