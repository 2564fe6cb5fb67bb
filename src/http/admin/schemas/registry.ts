import { z } from "zod";

/** Schemas that the description of the API shows by name. */
export const namedSchemas = z.registry<{ id: string }>();

/** Gives a schema a name in the description. */
export const named = <Schema extends z.ZodType>(id: string, schema: Schema): Schema => {
  namedSchemas.add(schema, { id });
  return schema;
};

/** A list in its envelope, under a name of its own. */
export const listOf = <Item extends z.ZodType>(id: string, item: Item) =>
  named(id, z.strictObject({ data: z.array(item) }));

/** A moment as the API shows it. */
export const time = z.iso.datetime().describe("A moment in UTC, ISO 8601.");
/** Milliseconds since 1970 as the API shows a moment. */
export const showTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
export const showOptionalTime = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : showTime(milliseconds);
