import type { Row } from "../lab/scenario.ts";
import { afterContent } from "./after-content.ts";
import { beforeContent } from "./before-content.ts";
import { cascades } from "./cascades.ts";
import { elsewhere } from "./elsewhere.ts";
import { fullDisk } from "./full-disk.ts";
import { leavingClients } from "./leaving-clients.ts";
import { mechanisms } from "./mechanisms.ts";
import { otherForms } from "./other-forms.ts";
import { storage } from "./storage.ts";
import { storms } from "./storms.ts";

/** The matrix, in the order of its numbers. */
export const rows: readonly Row[] = [
  ...beforeContent,
  ...afterContent,
  ...otherForms,
  ...leavingClients,
  ...cascades,
  ...mechanisms,
  ...storms,
  ...storage,
  ...fullDisk,
  ...elsewhere,
].toSorted((left, right) => left.number - right.number);
