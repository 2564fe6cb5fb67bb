import { expect, test } from "bun:test";
import { buildTinyModel } from "./make-model.ts";

test("every machine draws the same model", () => {
  const model = buildTinyModel();
  expect(new TextDecoder().decode(model.subarray(0, 4))).toBe("GGUF");
  expect(new Bun.CryptoHasher("sha256").update(model).digest("hex")).toBe(
    "624187afc35621049649e47d77ffafbc03ff2b418e121b41b4c11d26b1da08ec",
  );
});
