import type { Scenario } from "./compare.ts";

/** Characters of a short question with its instructions. */
export const shortPrompt = 400;

const oneAnswer = { replyCharacters: 400, events: 1, eventCharacters: 100, eventsPerSecond: 0, staggerFirst: 0 };

/** Short whole answers, as many as go through. */
export const wholeClosed: Scenario = {
  answer: "whole",
  connections: 64,
  pace: "closed",
  promptCharacters: shortPrompt,
  warmUpSeconds: 1,
  seconds: 3,
  replies: oneAnswer,
};

/** Short whole answers, so many a second whatever becomes of them. */
export const wholeAtRate = (perSecond: number): Scenario => ({ ...wholeClosed, pace: { perSecond }, seconds: 5 });

const streams = 300;

/** Streams at the pace of a quick model, each beginning anew when it has ended. */
export const streamsOpen: Scenario = {
  answer: "stream",
  connections: streams,
  pace: "closed",
  promptCharacters: shortPrompt,
  warmUpSeconds: 1.5,
  seconds: 4,
  replies: { ...oneAnswer, events: 250, eventsPerSecond: 20, staggerFirst: streams },
};

/** Short streams that begin at a fixed rate. */
export const streamsAtRate = (perSecond: number): Scenario => ({
  answer: "stream",
  connections: 128,
  pace: { perSecond },
  promptCharacters: shortPrompt,
  warmUpSeconds: 1,
  seconds: 5,
  replies: { ...oneAnswer, events: 10, eventsPerSecond: 50 },
});
