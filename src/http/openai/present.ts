type Present<Fields> = {
  [Key in keyof Fields as null extends Fields[Key] ? never : undefined extends Fields[Key] ? never : Key]: Fields[Key];
} & {
  [Key in keyof Fields]?: NonNullable<Fields[Key]>;
};

/** The fields that are neither undefined nor null: in OpenAI's dialect both mean that nothing was said. */
export const present = <Fields extends object>(fields: Fields): Present<Fields> => {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined && value !== null) kept[key] = value;
  return kept as Present<Fields>;
};

/** Request fields of the gateway's own, which no provider may see. */
export const gatewayFields = ["route", "persona_id", "session_id", "tags", "routing"] as const;
