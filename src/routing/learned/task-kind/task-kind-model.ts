import { z } from "zod";
import { GatewayError } from "../../../core/errors.ts";
import { parseJson } from "../../../core/json.ts";
import { featureVersion } from "../features/prompt-features.ts";
import { seenBytes, taskKindDimensions } from "./task-kind-space.ts";

/** One head of the classifier: a weight for each class and coordinate, and how far its logits are to be trusted. */
export interface ClassHead {
  readonly classes: readonly string[];
  /** `[place · classes + class]`. */
  readonly weights: Float32Array;
  /** Logits are divided by it. */
  readonly temperature: number;
  /** Share of each class in training: what is said of a prompt like none of them. */
  readonly shares: readonly number[];
}

export interface TaskKindModel {
  readonly taskKind: ClassHead;
  readonly complexity: ClassHead;
  readonly seen: Uint8Array;
  /** Below `low` of known features nothing learned counts, above `high` all of it. */
  readonly familiarity: { readonly low: number; readonly high: number };
}

export const taskKindFileVersion = 1;

const headSchema = z.object({
  classes: z.array(z.string()).min(2).max(20),
  /** What a step of a weight is worth; weights are bytes with a sign, base64. */
  scale: z.number().positive(),
  weights: z.string(),
  temperature: z.number().positive(),
  shares: z.array(z.number().min(0).max(1)),
});
const fileSchema = z.object({
  version: z.literal(taskKindFileVersion),
  features: z.literal(featureVersion),
  taskKind: headSchema,
  complexity: headSchema,
  seen: z.string(),
  familiarity: z.object({ low: z.number(), high: z.number() }),
});

const bytesOf = (text: string): Uint8Array => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const textOf = (bytes: Uint8Array): string => {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};

const refuse = (why: string, cause?: unknown): GatewayError =>
  new GatewayError("invalid_value", `The classifier of task kinds cannot be read: ${why}. Train it again.`, { cause });

const readHead = ({ scale, weights, ...head }: z.output<typeof headSchema>): ClassHead => {
  const bytes = new Int8Array(bytesOf(weights).buffer);
  if (bytes.length !== taskKindDimensions * head.classes.length) throw refuse("its weights are of another number");
  if (head.shares.length !== head.classes.length) throw refuse("its classes are of another number");
  return { ...head, weights: Float32Array.from(bytes, (byte) => byte * scale) };
};

const writeHead = ({ weights, ...head }: ClassHead): object => {
  const most = weights.reduce((held, one) => Math.max(held, Math.abs(one)), 1e-9);
  const steps = Int8Array.from(weights, (one) => Math.round((one / most) * 127));
  return { ...head, scale: most / 127, weights: textOf(new Uint8Array(steps.buffer)) };
};

/** Reads a classifier from the text of its file; throws GatewayError `invalid_value` for any other text. */
export const parseTaskKindModel = (text: string): TaskKindModel => {
  const parsed = fileSchema.safeParse(parseJson(text));
  if (!parsed.success) throw refuse("it is of another form or version", parsed.error);
  const { taskKind, complexity, familiarity } = parsed.data;
  try {
    const seen = bytesOf(parsed.data.seen);
    if (seen.length !== seenBytes) throw refuse("its list of known words is of another length");
    return { taskKind: readHead(taskKind), complexity: readHead(complexity), seen, familiarity };
  } catch (thrown) {
    throw thrown instanceof GatewayError ? thrown : refuse("its numbers are not base64", thrown);
  }
};

/** The text of a classifier's file. Weights are kept in steps of 1/127 of the largest. */
export const writeTaskKindModel = ({ taskKind, complexity, seen, familiarity }: TaskKindModel): string =>
  `${JSON.stringify({
    version: taskKindFileVersion,
    features: featureVersion,
    taskKind: writeHead(taskKind),
    complexity: writeHead(complexity),
    seen: textOf(seen),
    familiarity,
  })}\n`;
