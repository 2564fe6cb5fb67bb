import type { JsonObject } from "../../core/json.ts";

/** One content block of a stream. */
export interface SequencedBlock {
  /** The block as it stands in `content_block_start`. */
  readonly start: JsonObject;
  /** Deltas that wait for the blocks before it to end. */
  readonly waiting: JsonObject[];
  /** Set by the owner once nothing more can come. */
  complete: boolean;
}

/** Content blocks in order of their first appearance, written one after the other. */
export interface BlockSequence {
  add(start: JsonObject): SequencedBlock;
  /** Written at once where all blocks before it have ended, else later. */
  append(block: SequencedBlock, delta: JsonObject): void;
  /** Ends the first block if it is complete, then begins the next, and so on. */
  advance(): void;
  /** Ends every block, complete or not. */
  close(): void;
}

export const writeEvent = (type: string, fields: JsonObject): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;

/**
 * Anthropic's blocks never interleave: a block begins when the one before it has ended. Blocks that grow at the same
 * time (parallel tool calls) are held here: the first is written as it grows, the others when their turn comes.
 */
export const openBlockSequence = (write: (text: string) => void): BlockSequence => {
  const open: SequencedBlock[] = [];
  let index = 0;
  const writeDelta = (delta: JsonObject) => write(writeEvent("content_block_delta", { index, delta }));
  const begin = (block: SequencedBlock) => {
    write(writeEvent("content_block_start", { index, content_block: block.start }));
    for (const delta of block.waiting.splice(0)) writeDelta(delta);
  };
  const endFirst = () => {
    open.shift();
    write(writeEvent("content_block_stop", { index }));
    index += 1;
    if (open[0] !== undefined) begin(open[0]);
  };
  return {
    add(start) {
      const block: SequencedBlock = { start, waiting: [], complete: false };
      open.push(block);
      if (open.length === 1) begin(block);
      return block;
    },
    append(block, delta) {
      if (open[0] === block) writeDelta(delta);
      else block.waiting.push(delta);
    },
    advance() {
      while (open[0]?.complete) endFirst();
    },
    close() {
      while (open.length > 0) endFirst();
    },
  };
};
