import { cacheName } from "../../test/tool.ts";

export const names = [cacheName];
