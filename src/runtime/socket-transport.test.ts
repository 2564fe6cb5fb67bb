import { describeTransport } from "../../test/contracts/transport.ts";
import { createSocketTransport } from "./socket-transport.ts";

describeTransport("socketTransport", () => {
  const transport = createSocketTransport();
  return { transport, close: () => transport.close() };
});
