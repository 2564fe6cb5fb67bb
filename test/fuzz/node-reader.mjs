import { createInterface } from "node:readline";

// node test/fuzz/node-reader.mjs
// Reads HTTP responses with the parser of Node's own client. A line of JSON in: {id, pieces, closed, names}, the pieces
// one character a byte; a line out: {id, status, body, fields} where the response is whole, or {id, error}.

process.noDeprecation = true;
const { HTTPParser } = process.binding("http_parser");
const maxHeadBytes = 1_048_576;
const strict = 0;

const fieldsOf = (raw, names) =>
  names.map((name) => {
    const values = raw.filter((_, index) => index % 2 === 1 && raw[index - 1].toLowerCase() === name);
    return values.length === 0 ? null : values.join(", ");
  });

const read = ({ pieces, closed, names }) => {
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {}, maxHeadBytes, strict);
  let head;
  let fields = [];
  let isWhole = false;
  const body = [];
  parser[HTTPParser.kOnHeaders | 0] = (more) => {
    if (head === undefined) fields.push(...more);
  };
  parser[HTTPParser.kOnHeadersComplete | 0] = (_major, _minor, more, _method, _url, status) => {
    if (isWhole) return 1;
    if (status === 101) throw new Error("switches protocols");
    // As the client does with what comes before the response.
    if (status < 200) {
      fields = [];
      return 1;
    }
    head = { status, fields: fieldsOf(more ?? fields, names) };
    return 0;
  };
  parser[HTTPParser.kOnBody | 0] = (bytes) => {
    if (head !== undefined && !isWhole) body.push(Buffer.from(bytes));
  };
  parser[HTTPParser.kOnMessageComplete | 0] = () => {
    if (head !== undefined) isWhole = true;
    fields = [];
  };
  let error;
  try {
    for (const piece of pieces) {
      const result = parser.execute(Buffer.from(piece, "latin1"));
      if (result instanceof Error) error = result;
      if (error !== undefined || isWhole) break;
    }
    if (closed && error === undefined && !isWhole) error = parser.finish();
  } catch (thrown) {
    error = thrown;
  }
  parser.close();
  if (isWhole) return { ...head, body: Buffer.concat(body).toString("latin1") };
  return { error: error === undefined ? "not whole" : (error.code ?? error.message) };
};

for await (const line of createInterface({ input: process.stdin })) {
  const input = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id: input.id, ...read(input) })}\n`);
}
