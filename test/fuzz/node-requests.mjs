import { createInterface } from "node:readline";

// node test/fuzz/node-requests.mjs
// Reads HTTP requests with the parser of Node's own server. A line of JSON in: {id, pieces}, the pieces of one
// connection, one character a byte; a line out: {id, requests, error}: the requests that were read whole, and the
// parser's error where there was one. Behind a request to upgrade it reads nothing.

process.noDeprecation = true;
const { HTTPParser, allMethods, methods } = process.binding("http_parser");
const maxHeadBytes = 1_048_576;
const strict = 0;
const names = allMethods ?? methods;

const pairsOf = (raw) =>
  Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2].toLowerCase(), raw[index * 2 + 1]]);

const read = ({ pieces }) => {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {}, maxHeadBytes, strict);
  const requests = [];
  let request;
  let fields = [];
  let url = "";
  parser[HTTPParser.kOnHeaders | 0] = (more, moreUrl) => {
    // Long heads come in parts; so do trailers, which nobody reads.
    if (request !== undefined) return;
    fields.push(...more);
    url += moreUrl;
  };
  parser[HTTPParser.kOnHeadersComplete | 0] = (...head) => {
    const [, , more, method, wholeUrl, , , isUpgrade] = head;
    request = { method: names[method], url: wholeUrl ?? url, isUpgrade, fields: pairsOf(more ?? fields), body: [] };
    fields = [];
    url = "";
    return 0;
  };
  parser[HTTPParser.kOnBody | 0] = (bytes) => {
    request?.body.push(Buffer.from(bytes));
  };
  parser[HTTPParser.kOnMessageComplete | 0] = () => {
    if (request !== undefined) requests.push({ ...request, body: Buffer.concat(request.body).toString("latin1") });
    request = undefined;
    fields = [];
    url = "";
  };
  let error;
  try {
    for (const piece of pieces) {
      const result = parser.execute(Buffer.from(piece, "latin1"));
      if (result instanceof Error) error = result;
      if (error !== undefined) break;
    }
  } catch (thrown) {
    error = thrown;
  }
  parser.close();
  return { requests, error: error === undefined ? null : (error.code ?? error.message) };
};

for await (const line of createInterface({ input: process.stdin })) {
  const input = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id: input.id, ...read(input) })}\n`);
}
