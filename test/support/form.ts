// The quick and the long form of a test that does much of the same: it asks `forms(quick, long)` how much. Its long form
// is a file with `long` for `test` in its name that imports it, which `npm run test:long` collects with the long figures.
// Example: the test of disputes flips forms(6, 100) bits, 6 of them in `npm test`.

/** @returns `long` under `npm run test:long`, else `quick` */
export function forms<T>(quick: T, long: T): T {
  return process.env.ESCAPEMENT_FORM === "long" ? long : quick;
}
