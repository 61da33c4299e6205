// The quick and the long form of a test that does much of the same. `X.test.ts` asks `forms(quick, long)` how much; its
// long form is a file `X.long.ts` that imports it, which `npm run test:long` collects with the long figures.
// Example: forms(12, 100) bits are flipped, 12 of them in `npm test`.

/** @returns `long` under `npm run test:long`, else `quick` */
export function forms<T>(quick: T, long: T): T {
  return process.env.ESCAPEMENT_FORM === "long" ? long : quick;
}
