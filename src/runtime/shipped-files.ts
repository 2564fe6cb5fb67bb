import { readFileSync } from "node:fs";
import catalogue from "../../data/catalogue/models-dev.json" with { type: "file" };
import prior from "../../data/routing/prior.model" with { type: "file" };
import taskKinds from "../../data/routing/task-kind.json" with { type: "file" };

/** The text of the catalogue that comes with the program; in the executable, too. It is not kept. */
export const readShippedCatalogue = (): string => readFileSync(catalogue as unknown as string, "utf8");

/** The trained prior of routes that learn, as it comes with the program. It is not kept. */
export const readShippedPrior = (): Uint8Array => readFileSync(prior as unknown as string);

/** The text of the classifier of task kinds that comes with the program. It is not kept. */
export const readShippedTaskKinds = (): string => readFileSync(taskKinds as unknown as string, "utf8");
