import { expect, test } from "bun:test";
import { sampleDetail } from "../../test/contracts/learning-store.ts";
import { makeCall, makeTarget } from "../../test/support/make-call.ts";
import { callHeaders } from "./reply-headers.ts";

const headerOf = (detail?: Parameters<typeof sampleDetail>[0]): string | undefined => {
  const { call } = makeCall({ targets: [makeTarget("a/b")] });
  const told = detail === undefined ? {} : { detail: sampleDetail(detail) };
  call.scope.decide({ strategy: "learned", reason: "because", candidates: [], ...told });
  return callHeaders(call)["x-intellirouter-decision"];
};

test("a decision is told in one line that nobody can break", () => {
  expect(headerOf()).toBe("because");
  expect(headerOf({ confidence: 0.123456, propensity: 1 })).toBe(
    'strategy="learned"; action="openai/small"; confidence=0.1235; propensity=1',
  );
  const hostile = headerOf({ action: 'x"; admin="1\r\nset-cookie: a\\', confidence: Number.NaN });
  expect(hostile).toBe('strategy="learned"; action="x?; admin=?1??set-cookie: a?"; confidence=?; propensity=0.98');
  expect(headerOf({ action: "é".repeat(1_000) })?.length).toBeLessThan(300);
});
