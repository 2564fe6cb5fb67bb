/** All pieces in one; a single piece is given as it is. `size` is what they have together, in bytes. */
export const joinBytes = (pieces: readonly Uint8Array[], size: number): Uint8Array => {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
};
