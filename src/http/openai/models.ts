import type { Caller } from "../../core/caller.ts";
import { GatewayError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { Gateway, OfferedModel } from "../../core/ports/gateway.ts";

const encodeModel = ({ id, ownedBy, created }: OfferedModel) => ({ id, object: "model", created, owned_by: ownedBy });

/** `GET /v1/models`: routes, targets and the bare names that lead to them. */
export const listModels = (gateway: Gateway, caller: Caller): string =>
  JSON.stringify({ object: "list", data: gateway.offeredModels(caller).map(encodeModel) });

/** `GET /v1/models/{id}`. Throws `model_not_found` with near names. */
export const showModel = (gateway: Gateway, caller: Caller, id: string): string => {
  const offered = gateway.offeredModels(caller);
  const model = offered.find((one) => one.id === id);
  if (model !== undefined) return JSON.stringify(encodeModel(model));
  const near = nearest(
    id,
    offered.map((one) => one.id),
    3,
  );
  const hint = near.length === 0 ? "" : ` Did you mean ${near.map((name) => `'${name}'`).join(", ")}?`;
  throw new GatewayError("model_not_found", `The model '${id.slice(0, 200)}' does not exist here.${hint}`, {
    param: "model",
  });
};
