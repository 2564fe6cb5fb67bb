export { assertConforms, validateReply } from "./validate-reply.ts";
export { validateStream } from "./validate-stream.ts";
