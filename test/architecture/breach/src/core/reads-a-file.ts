import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Stored } from "../stores/stored.ts";

/** Core takes zod, but neither files nor another room, not even its types. */
export const readName = (file: string): Stored =>
  z.object({ name: z.string() }).parse(JSON.parse(readFileSync(file, "utf8")));
