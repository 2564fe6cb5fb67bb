import { GatewayError } from "../core/errors.ts";

const longestKey = 255;

/** Throws GatewayError `invalid_value` where a header's text cannot be a key. */
export const checkKey = (key: string): void => {
  const wrong =
    key === ""
      ? "is empty"
      : key.length > longestKey
        ? `has ${key.length} characters and may have ${longestKey}`
        : /\p{Cc}/u.test(key)
          ? "holds control characters"
          : undefined;
  if (wrong === undefined) return;
  throw new GatewayError(
    "invalid_value",
    `The header Idempotency-Key ${wrong}. Send a text of your own for each request, a UUID for instance, or leave the header out.`,
    { param: "Idempotency-Key" },
  );
};
