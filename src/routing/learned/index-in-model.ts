import type { Target } from "../../core/model.ts";
import type { RouterModel } from "./router-model.ts";

/** Place of a target in a model file, by its id or its model's name; -1 where it is not there. */
export const indexInModel = (model: RouterModel, { id, model: name }: Target): number => {
  const byId = model.models.indexOf(id);
  return byId === -1 ? model.models.indexOf(name) : byId;
};
