import { describe, expect, test } from "bun:test";
import { cutAt, type Reading, type ReadRequest, readRequests } from "./testing.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");
const host = "Host: a.test\r\n";
const get = `GET / HTTP/1.1\r\n${host}`;
const post = `POST /x HTTP/1.1\r\n${host}`;
const chunked = `${post}Transfer-Encoding: chunked\r\n\r\n`;

/** What is sent, and what is read of each request. */
const accepted: readonly (readonly [name: string, text: string, requests: readonly Partial<ReadRequest>[]])[] = [
  ["nothing but a Host", `${get}\r\n`, [{ method: "GET", url: "http://a.test/", body: "" }]],
  ["a query", `GET /a?b=c&d HTTP/1.1\r\n${host}\r\n`, [{ url: "http://a.test/a?b=c&d" }]],
  ["a Host with a port", "GET /a HTTP/1.1\r\nHost: a.test:80\r\n\r\n", [{ url: "http://a.test:80/a" }]],
  ["a Host of IPv6", "GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", [{ url: "http://[::1]:80/a" }]],
  ["an empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", [{ url: "/a" }]],
  ["an absolute target", `GET http://a.test/b?c HTTP/1.1\r\n${host}\r\n`, [{ url: "http://a.test/b?c" }]],
  ["an absolute target in capitals", `GET HTTP://A.test HTTP/1.1\r\n${host}\r\n`, [{ url: "http://a.test/" }]],
  ["an absolute target without a path", `GET http://a.test?c HTTP/1.1\r\n${host}\r\n`, [{ url: "http://a.test/?c" }]],
  ["OPTIONS *", `OPTIONS * HTTP/1.1\r\n${host}\r\n`, [{ method: "OPTIONS", url: "http://a.test/*" }]],
  ["HTTP/1.0 without a Host", "GET /a HTTP/1.0\r\n\r\n", [{ url: "/a" }]],
  ["a length", `${post}Content-Length: 2\r\n\r\nhi`, [{ method: "POST", body: "hi" }]],
  ["a length of zero", `${post}Content-Length: 0\r\n\r\n`, [{ body: "" }]],
  ["a length with zeros", `${post}Content-Length: 002\r\n\r\nhi`, [{ body: "hi" }]],
  ["chunks", `${chunked}2\r\nhi\r\n3;a=b\r\n yo\r\n0\r\n\r\n`, [{ body: "hi yo" }]],
  ["chunks with sizes in capitals and zeros", `${chunked}00A\r\n0123456789\r\n000\r\n\r\n`, [{ body: "0123456789" }]],
  ["a quoted extension", `${chunked}2;a="b;\\"c";d\r\nhi\r\n0;e\r\n\r\n`, [{ body: "hi" }]],
  ["trailers", `${chunked}2\r\nhi\r\n0\r\nx-a: b\r\nx-c:\r\n\r\n`, [{ body: "hi" }]],
  ["CHUNKED and blanks", `${post}Transfer-Encoding:  CHUNKED \r\n\r\n1\r\na\r\n0\r\n\r\n`, [{ body: "a" }]],
  ["a word to wait for", `${post}Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi`, [{ body: "hi" }]],
  ["two requests", `${post}Content-Length: 1\r\n\r\na${get}\r\n`, [{ body: "a" }, { method: "GET" }]],
  ["two requests, chunks first", `${chunked}1\r\na\r\n0\r\n\r\n${get}\r\n`, [{ body: "a" }, { method: "GET" }]],
  ["nothing more after the last", `${get}Connection: foo, Close\r\n\r\n${get}\r\n`, [{ method: "GET" }]],
  ["nothing more after HTTP/1.0", `GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${get}\r\n`, [{ method: "GET" }]],
  [
    "fields in any spelling, twice, empty, with blanks and bytes",
    `${get}X-A:\t 1 \t\r\nx-B:\r\nX-a: \xe9, 2\r\n\r\n`,
    [
      {
        headers: [
          ["host", "a.test"],
          ["x-a", "1, \xe9, 2"],
          ["x-b", ""],
        ],
      },
    ],
  ],
];

/** What is sent, and the status of the one answer. */
const refused: readonly (readonly [name: string, text: string, status?: number])[] = [
  ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505],
  ["HTTP/1.2", `GET / HTTP/1.2\r\n${host}\r\n`],
  ["HTTP/0.9", "GET /\r\n\r\n"],
  ["HTTP/0.9 that is named", `GET / HTTP/0.9\r\n${host}\r\n`, 505],
  ["a version in small letters", `GET / http/1.1\r\n${host}\r\n`],
  ["more behind the version", `GET / HTTP/1.1 \r\n${host}\r\n`],
  ["an empty line first", `\r\n${get}\r\n`],
  ["no method", ` / HTTP/1.1\r\n${host}\r\n`],
  ["a method that is none", `P@ST / HTTP/1.1\r\n${host}\r\n`],
  ["a method that nobody knows", `BREW / HTTP/1.1\r\n${host}\r\n`, 501],
  ["a method in small letters", `get / HTTP/1.1\r\n${host}\r\n`, 501],
  ["CONNECT", "CONNECT a.test:80 HTTP/1.1\r\nHost: a.test:80\r\n\r\n", 501],
  ["no target", `GET  HTTP/1.1\r\n${host}\r\n`],
  ["a target without a slash", `GET a HTTP/1.1\r\n${host}\r\n`],
  ["* for another method", `GET * HTTP/1.1\r\n${host}\r\n`],
  ["a fragment", `GET /a#b HTTP/1.1\r\n${host}\r\n`],
  ["a blank in the target", `GET /a b HTTP/1.1\r\n${host}\r\n`],
  ["a tab before the target", `GET\t/ HTTP/1.1\r\n${host}\r\n`],
  ["NUL in the target", `GET /\0 HTTP/1.1\r\n${host}\r\n`],
  ["a byte that is not ASCII in the target", `GET /\xe9 HTTP/1.1\r\n${host}\r\n`],
  ["another host in the target", `GET http://b.test/ HTTP/1.1\r\n${host}\r\n`],
  ["another port in the target", `GET http://a.test:81/ HTTP/1.1\r\n${host}\r\n`],
  ["a user in the target", `GET http://u@a.test/ HTTP/1.1\r\n${host}\r\n`],
  ["another scheme in the target", `GET https://a.test/ HTTP/1.1\r\n${host}\r\n`],
  ["an absolute target and an empty Host", "GET http:/// HTTP/1.1\r\nHost:\r\n\r\n"],
  ["no Host", "GET / HTTP/1.1\r\n\r\n"],
  ["two Hosts", `${get}${host}\r\n`],
  ["a list of Hosts", "GET / HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n"],
  ["a Host with a path", "GET / HTTP/1.1\r\nHost: a.test/b\r\n\r\n"],
  ["a Host with a user", "GET / HTTP/1.1\r\nHost: u@a.test\r\n\r\n"],
  ["a Host with a query", "GET / HTTP/1.1\r\nHost: a?b\r\n\r\n"],
  ["a Host with a port that is none", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"],
  ["a Host with a port beyond all ports", "GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n"],
  ["a Host that is no address", "GET / HTTP/1.1\r\nHost: 1.2.3.256\r\n\r\n"],
  ["LF alone behind the first line", `GET / HTTP/1.1\n${host}\r\n`],
  ["LF alone behind a field", `GET / HTTP/1.1\r\nHost: a\n\r\n`],
  ["LF alone at the end", `${get}\n`],
  ["LF alone everywhere", "GET / HTTP/1.1\nHost: a\n\n"],
  ["CR alone", `${get}a: b\rc: d\r\n\r\n`],
  ["CR twice", `${get}a: b\r\r\n\r\n`],
  ["NUL in a value", `${get}a: b\0\r\n\r\n`],
  ["DEL in a value", `${get}a: b\x7f\r\n\r\n`],
  ["a control character in a name", `${get}a\x01: b\r\n\r\n`],
  ["a byte that is not ASCII in a name", `${get}\xe9: b\r\n\r\n`],
  ["a folded line", `${get}a: b\r\n c\r\n\r\n`],
  ["a folded first field", `GET / HTTP/1.1\r\n ${host}\r\n`],
  ["a blank before the colon", `${post}Content-Length : 0\r\n\r\n`],
  ["a tab before the colon", `${post}Content-Length\t: 0\r\n\r\n`],
  ["a field without a name", `${get}: 0\r\n\r\n`],
  ["a field without a colon", `${get}a\r\n\r\n`],
  ["length and chunks", `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks and length", `${post}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n`],
  ["two lengths", `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi`],
  ["the same length twice", `${post}Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi`],
  ["lengths in a list", `${post}Content-Length: 2, 2\r\n\r\nhi`],
  ["an empty length", `${post}Content-Length:\r\n\r\n`],
  ["a signed length", `${post}Content-Length: +2\r\n\r\nhi`],
  ["a negative length", `${post}Content-Length: -1\r\n\r\nhi`],
  ["a length with a blank in it", `${post}Content-Length: 1 2\r\n\r\nhi`],
  ["a length behind a tab", `${post}Content-Length:\t2\r\n\r\nhi`],
  ["a length before a tab", `${post}Content-Length: 2\t\r\n\r\nhi`],
  ["a hexadecimal length", `${post}Content-Length: 0x2\r\n\r\nhi`],
  ["a length in other digits", `${post}Content-Length: \xb2\r\n\r\nhi`],
  ["a length beyond all bounds", `${post}Content-Length: 99999999999999999999\r\n\r\nhi`],
  ["another transfer encoding", `${post}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ["chunks of chunks", `${post}Transfer-Encoding: chunked, chunked\r\n\r\n`],
  ["chunks said twice", `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["chunks and something else", `${post}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n`],
  ["chunks with a parameter", `${post}Transfer-Encoding: chunked;a\r\n\r\n`],
  ["chunks that are none", `${post}Transfer-Encoding: xchunked\r\n\r\n`],
  ["no transfer encoding", `${post}Transfer-Encoding:\r\n\r\n`],
  ["chunks behind a tab", `${post}Transfer-Encoding:\tchunked\r\n\r\n`],
  ["chunks before a tab", `${post}Transfer-Encoding: chunked\t\r\n\r\n`],
  ["chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["another word to wait for", `${post}Expect: 200-ok\r\nContent-Length: 2\r\n\r\nhi`, 417],
  ["a chunk without a size", `${chunked}\r\n`],
  ["a chunk's size with a sign", `${chunked}+2\r\nhi`],
  ["a chunk's size with 0x", `${chunked}0x2\r\nhi`],
  ["a blank behind a chunk's size", `${chunked}2 \r\nhi`],
  ["a chunk's size beyond all bounds", `${chunked}ffffffffffffffff\r\n`],
  ["LF alone behind a chunk's size", `${chunked}2\nhi\r\n`],
  ["CR alone behind a chunk's size", `${chunked}2\rhi`],
  ["a chunk longer than its size", `${chunked}2\r\nhix\r\n`],
  ["LF alone behind a chunk", `${chunked}2\r\nhi\n`],
  ["an extension that is none", `${chunked}2;=\r\nhi`],
  ["a line feed in an extension", `${chunked}2;a\nb\r\nhi`],
  ["a trailer without a colon", `${chunked}0\r\nabc\r\n\r\n`],
  ["a length among the trailers", `${chunked}0\r\nContent-Length: 2\r\n\r\n`],
  ["a folded trailer", `${chunked}0\r\na: b\r\n c\r\n\r\n`],
];

/** What is too long, or has no line yet: in pieces, it is noticed later. */
const refusedWhole: readonly (readonly [name: string, text: string, status: number])[] = [
  ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["a method without end", "A".repeat(100), 400],
  ["trailers without end", `${chunked}0\r\n${"a: b\r\n".repeat(5_000)}`, 400],
  ["extensions without end", `${chunked}${`1;${"a".repeat(2_000)}\r\na\r\n`.repeat(9)}`, 400],
  ["a head without end", `${get}a: ${"b".repeat(40_000)}`, 431],
  ["a head that is too long", `${get}a: ${"b".repeat(40_000)}\r\n\r\n`, 431],
  ["a target without end", `GET /${"a".repeat(40_000)}`, 431],
  ["a target that is too long", `GET /${"a".repeat(40_000)} HTTP/1.1\r\n${host}\r\n`, 431],
  ["too many fields", `${get}${"a: b\r\n".repeat(300)}\r\n`, 431],
];

const cut: readonly (readonly [name: string, text: string])[] = [
  ["nothing at all", ""],
  ["a part of the head", `${get}a: b\r\n`],
  ["less than the length", `${post}Content-Length: 3\r\n\r\nhi`],
  ["chunks without the last", `${chunked}2\r\nhi\r\n`],
  ["chunks without their last line", `${chunked}0\r\n`],
];

describe("requests", () => {
  for (const [name, text, requests] of accepted)
    test(`with ${name} are read`, async () => {
      const reading = await readRequests([bytesOf(text)]);
      expect(reading.requests).toMatchObject([...requests]);
      expect(reading.statuses).toEqual(requests.map(() => 200));
    });

  for (const [name, text, status = 400] of [...refused, ...refusedWhole])
    test(`with ${name} are refused`, async () => {
      const reading = await readRequests([bytesOf(text)]);
      expect(reading).toEqual({ requests: [], statuses: [status], isOver: true });
    });

  for (const [name, text] of cut)
    test(`that end after ${name} are not served`, async () => {
      expect(await readRequests([bytesOf(text)])).toEqual({ requests: [], statuses: [], isOver: false });
    });

  test("that follow one that is refused are not served", async () => {
    const { requests, statuses } = await readRequests([bytesOf(`${get}\r\n${get}${host}\r\n${get}\r\n`)]);
    expect({ requests: requests.length, statuses }).toEqual({ requests: 1, statuses: [200, 400] });
  });

  test("are the same whatever the pieces in which they come", async () => {
    const shown = ({ requests, statuses, isOver }: Reading) => ({ requests, statuses, isOver });
    for (const [name, text] of [...accepted, ...refused, ...cut]) {
      const bytes = bytesOf(text);
      const expected = { name, reading: shown(await readRequests([bytes])) };
      const single = cutAt(bytes, [...bytes.keys()].slice(1));
      expect({ name, reading: shown(await readRequests(single)) }).toEqual(expected);
      for (let first = 1; first < bytes.length; first++)
        expect({ name, reading: shown(await readRequests(cutAt(bytes, [first]))) }).toEqual(expected);
    }
  }, 60_000);
});
