/** Something that is due again and again. */
export interface Paced {
  /** Milliseconds on the clock of `performance.now`. */
  dueAt: number;
}

const slotCount = 16_384;

/** Calls back when each thing is due, to the millisecond, for any number of things at the cost of one timer. */
export class Wheel<Thing extends Paced> {
  private readonly slots: Thing[][] = Array.from({ length: slotCount }, () => []);
  private count = 0;
  private turnedTo = Math.floor(performance.now());
  private timer: Timer | undefined;

  constructor(private readonly onDue: (thing: Thing) => void) {}

  add(thing: Thing): void {
    if (this.timer === undefined) {
      this.turnedTo = Math.floor(performance.now());
      this.timer = setInterval(() => this.turn(), 1);
    }
    // What is due already comes with the next turn, and what is due after more than one round comes early, is seen
    // not to be due, and waits on.
    const slot = Math.max(Math.floor(thing.dueAt), this.turnedTo + 1) % slotCount;
    this.slots[slot]?.push(thing);
    this.count += 1;
  }

  private turn(): void {
    const now = Math.floor(performance.now());
    for (let at = this.turnedTo + 1; at <= now; at++) {
      this.turnedTo = at;
      const due = this.slots[at % slotCount] ?? [];
      if (due.length === 0) continue;
      this.slots[at % slotCount] = [];
      this.count -= due.length;
      for (const thing of due) {
        if (Math.floor(thing.dueAt) > at) this.add(thing);
        else this.onDue(thing);
      }
    }
    if (this.count > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
