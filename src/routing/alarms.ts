/** Something that is to happen later. */
export interface Alarm {
  /** It is not wanted any more. Does nothing once it has happened. */
  cancel(): void;
}

/** Alarms of one length stand in the order in which they ring, so that one timer does for all of them. */
interface Queue {
  readonly milliseconds: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  first: QueuedAlarm | undefined;
  last: QueuedAlarm | undefined;
}

const nobody = (): void => undefined;

class QueuedAlarm implements Alarm {
  readonly dueAt: number;
  ring: () => void;
  #queue: Queue | undefined;
  #previous: QueuedAlarm | undefined;
  #next: QueuedAlarm | undefined;

  constructor(queue: Queue, dueAt: number, ring: () => void) {
    this.dueAt = dueAt;
    this.ring = ring;
    this.#queue = queue;
    this.#previous = queue.last;
    if (queue.last !== undefined) queue.last.#next = this;
    else {
      queue.first = this;
      queue.timer?.ref();
    }
    queue.last = this;
    waiting += 1;
  }

  cancel(): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    this.#queue = undefined;
    waiting -= 1;
    if (this.#previous === undefined) queue.first = this.#next;
    else this.#previous.#next = this.#next;
    if (this.#next === undefined) queue.last = this.#previous;
    else this.#next.#previous = this.#previous;
    // The timer stays for those to come, but for them alone the program must not go on.
    if (queue.first === undefined) queue.timer?.unref();
    // An old alarm that is garbage would keep all that came after it, until the whole heap is collected.
    this.#previous = undefined;
    this.#next = undefined;
    this.ring = nobody;
  }
}

let waiting = 0;

/** How many alarms wait. Whoever sets one and ends without cancelling it keeps all that it knows of until it rings. */
export const waitingAlarms = (): number => waiting;

const queues = new Map<number, Queue>();
/** Nearly all calls have one of a few lengths. More than these have a timer each. */
const mostQueues = 16;

/** Rings what is due, and waits for the next; a queue in which nothing waits is forgotten. */
const look = (queue: Queue): void => {
  // The timer may come a part of a millisecond early.
  queue.timer = undefined;
  const now = performance.now() + 0.5;
  for (let alarm = queue.first; alarm !== undefined && alarm.dueAt <= now; alarm = queue.first) {
    const { ring } = alarm;
    alarm.cancel();
    ring();
  }
  if (queue.first === undefined) queues.delete(queue.milliseconds);
  else lookAfter(queue, queue.first.dueAt - performance.now());
};

const lookAfter = (queue: Queue, milliseconds: number): void => {
  queue.timer = setTimeout(look, Math.max(1, milliseconds), queue);
};

/** Forgets a queue in which nothing waits; false where there is none. */
const forgetOne = (): boolean => {
  for (const queue of queues.values()) {
    if (queue.first !== undefined) continue;
    clearTimeout(queue.timer);
    return queues.delete(queue.milliseconds);
  }
  return false;
};

const ownTimer = (milliseconds: number, ring: () => void): Alarm => {
  const timer = setTimeout(ring, milliseconds);
  return { cancel: () => clearTimeout(timer) };
};

/**
 * Calls `ring` once after so many milliseconds, rounded up, unless it is cancelled. Meant for what is nearly always
 * cancelled: one timer serves all of a length, where one each would cost more than the rest of a deadline. `ring` must not
 * throw.
 */
export const setAlarm = (milliseconds: number, ring: () => void): Alarm => {
  const length = Math.max(1, Math.ceil(milliseconds));
  let queue = queues.get(length);
  if (queue === undefined) {
    if (queues.size >= mostQueues && !forgetOne()) return ownTimer(length, ring);
    queue = { milliseconds: length, timer: undefined, first: undefined, last: undefined };
    queues.set(length, queue);
    lookAfter(queue, length);
  }
  return new QueuedAlarm(queue, performance.now() + length, ring);
};
