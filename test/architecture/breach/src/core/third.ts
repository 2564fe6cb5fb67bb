import { first } from "./first.ts";

export const third = (depth: number): number => (depth === 0 ? 0 : first(depth - 1));
