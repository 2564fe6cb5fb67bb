/** Longer names are never looked up: the work grows with the square of the length, and clients choose the names. */
const longestName = 128;

/** Case and separators are what people get wrong most; they count as no difference. */
const normalised = (name: string): string => name.toLowerCase().replace(/[_\-\s]/g, "");

/**
 * Edits (insert, delete, replace, swap neighbours) that turn one text into the other: the optimal string alignment
 * distance. Gives `limit + 1` as soon as it is known to be more than `limit`.
 */
const editDistance = (left: string, right: string, limit: number): number => {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let best = row;
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
      best = Math.min(best, cost);
    }
    if (best > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? limit + 1;
};

/**
 * The candidates that `name` was most likely meant to be, best first, at most `limit` of them; empty where none is
 * near. Near means that about a third of the letters differ at most, or that one name begins or contains the other
 * (`llama` finds `llama-3.1-8b`). Case, dashes and underscores are ignored.
 */
export const nearest = (name: string, candidates: Iterable<string>, limit = 1): string[] => {
  const wanted = normalised(name);
  if (wanted === "" || name.length > longestName) return [];
  const tolerance = Math.max(1, Math.floor(wanted.length / 3));
  const found: { readonly candidate: string; readonly rank: number }[] = [];
  for (const candidate of candidates) {
    if (candidate.length > longestName) continue;
    const other = normalised(candidate);
    const distance = editDistance(wanted, other, tolerance);
    const isPart = wanted.length >= 3 && other.length >= 3 && (other.includes(wanted) || wanted.includes(other));
    if (distance <= tolerance) found.push({ candidate, rank: distance });
    else if (isPart) found.push({ candidate, rank: tolerance + Math.abs(other.length - wanted.length) });
  }
  return found
    .sort((a, b) => a.rank - b.rank || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
};
