// @ts-check
/**
 * Owns a sign-in as this page carries it: the window that opens in the click itself, and the card that tells what to do
 * until it is over. The window never learns who opened it, and so cannot be closed from here when it is done.
 */
import { now } from "./clock.js";
import { element, fill, isSame, part } from "./element.js";
import { caseOf } from "./problem.js";
import { say, warn } from "./voice.js";
import { duration } from "./words.js";

/** @typedef {import("./shapes.js").Attempt} Attempt */
/** @typedef {import("./shapes.js").State} State */
/** @typedef {{way?: "browser"|"device", provider?: string, new?: boolean, label?: string, consent?: boolean}} Wish */

const WINDOW = "popup,width=560,height=760";

/** The sign-in. */
export class SignIn {
  #session;
  /** @type {Attempt|null} */
  #attempt = null;
  /** @type {string|null} the attempt whose window was blocked */
  #blocked = null;
  /** @type {string|null} the attempt whose window this page has opened */
  #opened = null;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    part("attempt-paste").addEventListener("submit", (event) => this.#paste(event));
    part("attempt-open").addEventListener("click", () => (this.#blocked = null));
  }

  /**
   * Begin. It must run in the click: browsers open a window for nothing else.
   * @param {Wish} wish
   */
  async begin(wish) {
    const opens = (wish.way ?? "browser") === "browser";
    const opened = opens ? openWindow() : null;
    try {
      const attempt = await this.#session.post("./sign-in", { way: "browser", ...wish });
      if (opened) opened.location.replace(attempt.url);
      this.#blocked = opens && !opened ? attempt.id : null;
      this.#opened = opened ? attempt.id : null;
      if (this.#attempt) this.#draw(this.#attempt);
    } catch (error) {
      opened?.close();
      throw error;
    }
  }

  /** Give it up. */
  async cancel() {
    await this.#session.post("./sign-in/cancel");
  }

  /** @param {State} state */
  show(state) {
    const before = this.#attempt;
    this.#attempt = state.attempt;
    part("attempt").hidden = state.attempt === null;
    if (state.attempt) this.#draw(state.attempt);
    if (state.attempt && state.attempt.id !== before?.id) this.#came();
    if (before && !state.attempt) this.#ended(state);
  }

  /** Count down. */
  tick() {
    if (!this.#attempt) return;
    const left = this.#attempt.deadline - now();
    part("attempt-left").textContent = left > 0 ? `Waits for another ${duration(left)}.` : "The time is over.";
  }

  #came() {
    part("attempt-url", HTMLInputElement).value = "";
    part("attempt-paste-error").hidden = true;
    part("attempt-elsewhere", HTMLDetailsElement).open = Boolean(this.#attempt?.forward);
    say("A sign-in is under way. What to do stands on the page.");
    part("attempt-title").focus({ preventScroll: false });
  }

  /** Whoever signed in comes back to this page. @param {State} state */
  #ended(state) {
    window.focus();
    part(state.needs_sign_in ? "main" : "account-title").focus();
  }

  /** @param {Attempt} attempt */
  #draw(attempt) {
    this.tick();
    const blocked = attempt.id === this.#blocked;
    if (isSame(part("attempt"), [attempt, blocked, this.#opened])) return;
    const device = attempt.user_code !== null;
    part("attempt-says").textContent = instruction(device, attempt.id === this.#opened, blocked);
    part("attempt-blocked").hidden = !blocked;
    part("attempt-open", HTMLAnchorElement).href = attempt.complete_url ?? attempt.url;
    part("attempt-open").textContent = device ? "Open it on this device instead" : "Open the sign-in page";
    part("attempt-open").classList.toggle("first", !device && attempt.id !== this.#opened);
    this.#drawPlaces(attempt, device);
    part("attempt-asks").hidden = attempt.asks.length === 0;
    fill(part("attempt-asks-list"), ...attempt.asks.map((ask) => element("li", {}, ask)));
    if (blocked) warn("The browser blocked the sign-in window. Open it with the link on the page.");
  }

  /**
   * @param {Attempt} attempt
   * @param {boolean} device
   */
  #drawPlaces(attempt, device) {
    part("attempt-code").hidden = !device;
    part("attempt-place").textContent = attempt.short_url ?? attempt.url;
    part("attempt-digits").textContent = attempt.user_code ?? "";
    part("attempt-short").hidden = device || !attempt.short_url;
    part("attempt-address").textContent = attempt.short_url ?? "";
    part("attempt-elsewhere").hidden = !attempt.ways.includes("paste");
    part("attempt-forward").hidden = !attempt.forward;
    part("attempt-ssh").textContent = attempt.forward ?? "";
  }

  /** @param {Event} event */
  async #paste(event) {
    event.preventDefault();
    const field = part("attempt-url", HTMLInputElement);
    const wrong = part("attempt-paste-error");
    const says = (/** @type {string} */ words) => {
      wrong.hidden = false;
      wrong.textContent = words;
      field.setAttribute("aria-invalid", "true");
      warn(words);
      field.focus();
    };
    wrong.hidden = true;
    field.removeAttribute("aria-invalid");
    if (!field.value.trim()) return says("Paste the address first.");
    try {
      await this.#session.post("./sign-in/paste", { url: field.value.trim() });
    } catch (error) {
      const told = caseOf(error);
      if (!told) throw error;
      says([told.title, told.meaning, told.remedy].filter(Boolean).map(sentence).join(" "));
    }
  }
}

/** A window of its own, still empty; null where the browser blocks it. */
function openWindow() {
  const opened = window.open("about:blank", "_blank", WINDOW);
  if (!opened || opened.closed) return null;
  opened.opener = null;
  return opened;
}

/**
 * @param {boolean} device
 * @param {boolean} opened
 * @param {boolean} blocked
 */
function instruction(device, opened, blocked) {
  if (device) return "Sign in on any device with a browser. This page goes on by itself when you are done.";
  if (opened) return "The sign-in page is open in a window of its own. This page goes on by itself when you are done.";
  if (blocked) return "";
  return "Open the sign-in page, if it is not open already. This page goes on by itself when you are done.";
}

/** @param {string} text */
function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
