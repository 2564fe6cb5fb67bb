import { third } from "./third.ts";
import type { Named } from "./types-in-a-circle.ts";

export const second = (depth: number): number => (depth === 0 ? 0 : third(depth - 1));
export const named: Named = { name: "second" };
