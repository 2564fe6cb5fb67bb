import { describeTransport } from "../../test/contracts/transport.ts";
import { describeTransportTls } from "../../test/contracts/transport-tls.ts";
import { createSocketTransport } from "./socket-transport.ts";

describeTransport("socketTransport", () => {
  const transport = createSocketTransport();
  return { transport, close: () => transport.close() };
});
describeTransportTls("socket");
