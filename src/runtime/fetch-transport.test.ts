import { describeTransport } from "../../test/contracts/transport.ts";
import { fetchTransport } from "./fetch-transport.ts";

describeTransport("fetchTransport", () => ({ transport: fetchTransport, close: () => undefined }));
