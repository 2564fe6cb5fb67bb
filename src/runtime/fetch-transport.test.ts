import { describeTransport } from "../../test/contracts/transport.ts";
import { describeTransportTls } from "../../test/contracts/transport-tls.ts";
import { fetchTransport } from "./fetch-transport.ts";

describeTransport("fetchTransport", () => ({ transport: fetchTransport, close: () => undefined }));
describeTransportTls("fetch");
