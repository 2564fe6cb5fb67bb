import type { Dialect } from "../core/chat.ts";

/**
 * What is sent while a stream is silent: a comment, which readers of server-sent events skip (WHATWG HTML,
 * "Interpreting an event stream"); Anthropic's streams have an event of their own for it.
 */
export const keepAliveText = (dialect: Dialect): string =>
  dialect === "anthropic" ? 'event: ping\ndata: {"type": "ping"}\n\n' : ": keep-alive\n\n";
