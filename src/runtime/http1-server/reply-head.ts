/** Reasons, for people who read what passes (RFC 9110 15). */
const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  206: "Partial Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  417: "Expectation Failed",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  425: "Too Early",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  499: "Client Closed Request",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  507: "Insufficient Storage",
  529: "Overloaded",
};

const okLine = "HTTP/1.1 200 OK\r\n";

const statusLine = (status: number): string =>
  status === 200 ? okLine : `HTTP/1.1 ${status} ${reasons[status] ?? ""}\r\n`;

let dateSecond = 0;
let dateLine = "";

/** The `date` field of this second. */
const date = (): string => {
  const now = Date.now();
  const second = now - (now % 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateLine = `date: ${new Date(second).toUTCString()}\r\n`;
  }
  return dateLine;
};

/** Whether the server alone says it. */
const isOurs = (name: string): boolean => {
  const { length } = name;
  return (
    (length === 4 && name === "date") ||
    (length === 14 && name === "content-length") ||
    (length === 17 && name === "transfer-encoding")
  );
};

const unsafeValue = /[^\t\x20-\x7e\x80-\xff]/;
const unsafeName = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;

/**
 * A reply's head up to where the framing and the blank line follow: status, fields, date. Throws TypeError where a field
 * would break out of its line.
 */
export const replyHead = (status: number, headers: Readonly<Record<string, string>>): string => {
  let head = statusLine(status);
  for (const name in headers) {
    const value = headers[name] as string;
    if (isOurs(name)) continue;
    if (unsafeValue.test(value) || unsafeName.test(name) || name === "")
      throw new TypeError(`The header '${name.slice(0, 40)}' of a reply cannot be sent.`);
    head += `${name}: ${value}\r\n`;
  }
  return head + date();
};
