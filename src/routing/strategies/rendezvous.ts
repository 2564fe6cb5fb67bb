import type { Candidate } from "../../core/route.ts";

/** FNV-1a over UTF-16 units, scrambled as MurmurHash3 does at its end. */
export const hashText = (text: string, seed: number): number => {
  let hash = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** 64 bits of a text, as 13 characters or so. */
export const digest = (text: string): string => hashText(text, 1).toString(36) + hashText(text, 2).toString(36);

/**
 * The candidates in an order that depends on a key and on nothing else, so that processes agree without talking: each
 * candidate comes first for its share of the keys by weight, and when one goes, only its keys move (Thaler and Ravishankar,
 * "Using name-based mappings to increase hit rates", 1998; weights after Schindelhauer and Schomaker, 2005).
 */
export const rendezvous = (
  key: string,
  candidates: readonly Candidate[],
): readonly { readonly candidate: Candidate; readonly score: number }[] =>
  candidates
    .map((candidate) => {
      const uniform = (hashText(`${key}\n${candidate.target.id}`, 3) + 0.5) / 2 ** 32;
      return { candidate, score: candidate.weight / -Math.log(uniform) };
    })
    .sort((a, b) => b.score - a.score);
