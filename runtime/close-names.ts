// "Did you mean": names close to one that was not found.

/** Longer names are neither compared nor suggested. */
const LONGEST = 64;
const MOST_COMPARED = 1000;
const SUGGESTIONS = 3;

/**
 * Up to three of `names` within a few edits of `name`, the closest first.
 * Bounded: a module may have a million exports with names of 100,000 bytes.
 */
export function closeNames(name: string, names: Iterable<string>): string[] {
  const most = Math.min(3, Math.floor(name.length / 3) + 1);
  const found: { name: string; distance: number }[] = [];
  let compared = 0;
  for (const candidate of names) {
    if (candidate.length > LONGEST || name.length > LONGEST) continue;
    if (Math.abs(candidate.length - name.length) > most) continue;
    if (++compared > MOST_COMPARED) break;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= most) found.push({ name: candidate, distance });
  }
  // The sort is stable: names at the same distance stay in the order of their module.
  found.sort((a, b) => a.distance - b.distance);
  return found.slice(0, SUGGESTIONS).map((entry) => entry.name);
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
