import type { LoadPlan } from "../plan.ts";

const charactersOfLine = 80;

/** A prompt of so many characters, in lines with line ends and quotes to escape, as prompts have them. */
export const promptOf = (characters: number): string => {
  const line = `He said "go on" and so it went on, past one more line of the text that is asked of.\n`;
  return line.repeat(characters / charactersOfLine + 1).slice(0, characters);
};

const requestBytes = (plan: LoadPlan, { key, model }: { key: string; model: string }): Buffer => {
  const { destination, answer, promptCharacters } = plan;
  const body = JSON.stringify({
    model,
    ...(answer === "stream" ? { stream: true } : {}),
    messages: [
      { role: "system", content: "You answer briefly." },
      { role: "user", content: promptOf(promptCharacters) },
    ],
    temperature: 0.7,
    max_tokens: 1_000,
  });
  const headers = Object.entries(destination.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `POST ${destination.path} HTTP/1.1\r\nHost: ${destination.hostname}:${destination.port}\r\nAuthorization: Bearer ${key}\r\n` +
      `Content-Type: application/json\r\n${headers.join("")}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
};

/** The requests of a plan, to be sent in turn: as many as there are keys or models, whichever are more. */
export const prepareRequests = (plan: LoadPlan): readonly Buffer[] => {
  const { keys, models } = plan.destination;
  return Array.from({ length: Math.max(keys.length, models.length) }, (_, index) =>
    requestBytes(plan, { key: keys[index % keys.length] ?? "", model: models[index % models.length] ?? "" }),
  );
};
