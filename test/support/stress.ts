/** True once in about four times, always the same times for the same seed. */
export function atRandom(seed: number): () => boolean {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 28) % 4 === 0;
  };
}
