import type { Stored } from "../stores/stored.ts";

export const nameOf = ({ name }: Stored): string => name;
