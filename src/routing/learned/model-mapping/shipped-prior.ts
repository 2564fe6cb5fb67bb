import { decodeModel } from "../model-file/decode-model.ts";
import { preambleSize } from "../model-file/format.ts";
import type { Prior } from "../prior.ts";
import type { RouterModel } from "../router-model.ts";
import { fittedMapping } from "./fitted.ts";
import { mappedPrior } from "./mapped-prior.ts";

interface ShippedModel {
  readonly model: RouterModel;
  /** A name for it, by its checksum. */
  readonly version: string;
}

/** Opened once for each process, by what reads it: the file takes a while, and some megabytes. */
const opened = new WeakMap<() => Uint8Array, ShippedModel>();

const openShippedModel = (read: () => Uint8Array): ShippedModel => {
  const known = opened.get(read);
  if (known !== undefined) return known;
  const bytes = read();
  const model = decodeModel(bytes, "prior.model");
  const checksum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(preambleSize - 4, true);
  const made = { model, version: `shipped-${checksum.toString(16)}` };
  opened.set(read, made);
  return made;
};

/** The prior that comes with the program. Throws GatewayError `invalid_value` where its file is damaged. */
export const openShippedPrior = (read: () => Uint8Array): Prior =>
  mappedPrior({ ...openShippedModel(read), mapping: fittedMapping });
