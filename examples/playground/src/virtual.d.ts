declare module "virtual:python-files" {
  /** Addresses of the files. */
  export const artifact: string;
  export const image: string;
}

declare module "virtual:same-bits" {
  const bits: Readonly<Record<string, import("../same-bits.js").Bits>>;
  export default bits;
}
