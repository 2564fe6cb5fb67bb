import type { LoadPlan } from "../plan.ts";
import { runLoad } from "./run-load.ts";

// bun bench/load/serve.ts: puts loads on subjects, one plan of its parent after the other, and sends back the results.

process.on("message", (plan: LoadPlan) => {
  runLoad(plan).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.("ready");
