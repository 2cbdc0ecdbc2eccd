// @ts-check
/**
 * Owns the page's one clock: a tick a second for what counts down, and the word that the page had slept.
 * It asks nothing of the server.
 */

const SLEPT_SECONDS = 20;

/** Seconds since 1970, as the server counts them: both are on one machine. */
export function now() {
  return Date.now() / 1000;
}

/** The clock. Whoever shows a time that runs draws it again at each tick. */
export class Clock {
  /** @type {Set<() => void>} */
  #watchers = new Set();
  /** @type {() => void} */
  #woke;
  #last = now();
  #slept = false;

  /** @param {() => void} woke called when the page comes back from a sleep, of the machine or of its tab */
  constructor(woke) {
    this.#woke = woke;
    setInterval(() => this.#tick(), 1000);
    document.addEventListener("visibilitychange", () => this.#tick());
    window.addEventListener("pageshow", (event) => event.persisted && this.#woke());
  }

  /** @param {() => void} watcher called each second */
  each(watcher) {
    this.#watchers.add(watcher);
  }

  #tick() {
    this.#slept ||= now() - this.#last > SLEPT_SECONDS;
    this.#last = now();
    if (document.hidden) return;
    if (this.#slept) this.#woke();
    this.#slept = false;
    for (const watcher of this.#watchers) watcher();
  }
}
