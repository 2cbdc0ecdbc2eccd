// @ts-check
/**
 * Owns the stream of what happens: it reads, begins again after a sleep, and says how it stands with the server. What
 * was missed comes by itself, from the server's own ring. It draws nothing.
 */

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Step} Step */
/** @typedef {"live"|"waiting"|"away"} Standing */

/**
 * @typedef {object} Reader
 * @property {(state: State, history: Step[]) => void} reset all there is, in place of what was known
 * @property {(state: State) => void} state
 * @property {(step: Step) => void} step
 * @property {(standing: Standing) => void} standing
 * @property {() => Promise<boolean>} isLetIn whether the server still knows us; rejects where it is not there
 */

const PATIENCE_MS = 1500;
const AGAIN_MS = 2000;

/** The stream. */
export class Feed {
  /** @type {Reader} */
  #reader;
  /** @type {EventSource|null} */
  #source = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #grace;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #again;

  /** @param {Reader} reader */
  constructor(reader) {
    this.#reader = reader;
  }

  /** Read from now on; whatever was read before ends. */
  open() {
    this.#leave();
    const source = (this.#source = new EventSource("./events"));
    source.addEventListener("open", () => this.#isLive());
    source.addEventListener("error", () => this.#broke(source));
    this.#take(source, "reset", (told) => this.#reader.reset(told.state, told.history));
    this.#take(source, "state", (told) => this.#reader.state(told));
    this.#take(source, "transition", (told) => this.#reader.step(told));
  }

  /** Begin to read anew, if this reads at all. */
  again() {
    if (this.#source) this.open();
  }

  /** Read no more. */
  close() {
    this.#leave();
    this.#endGrace();
  }

  #leave() {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = null;
  }

  /**
   * @param {EventSource} source
   * @param {string} name
   * @param {(told: any) => void} take
   */
  #take(source, name, take) {
    source.addEventListener(name, (event) => {
      this.#isLive();
      take(JSON.parse(event.data));
    });
  }

  /** The stream broke off: its server has ended, or lets nobody in any more. @param {EventSource} source */
  #broke(source) {
    if (source !== this.#source) return;
    if (this.#grace !== undefined) return this.#lookLater(source);
    this.#reader.standing("waiting");
    this.#grace = setTimeout(() => this.#reader.standing("away"), PATIENCE_MS);
    void this.#look(source);
  }

  /**
   * Ask whether we are let in. A browser reconnects by itself until it is answered with something else; where it has
   * given up, the stream is opened anew.
   * @param {EventSource} source
   */
  async #look(source) {
    const isIn = await this.#reader.isLetIn().catch(() => null);
    if (source !== this.#source) return;
    if (isIn === false) this.close();
    else if (isIn && source.readyState === EventSource.CLOSED) this.open();
    else this.#lookLater(source);
  }

  /** @param {EventSource} source */
  #lookLater(source) {
    clearTimeout(this.#again);
    if (source.readyState === EventSource.CLOSED) this.#again = setTimeout(() => this.#look(source), AGAIN_MS);
  }

  #isLive() {
    this.#endGrace();
    this.#reader.standing("live");
  }

  #endGrace() {
    clearTimeout(this.#grace);
    this.#grace = undefined;
  }
}
