// @ts-check
/**
 * Owns what is wrong, in plain words: the connection's case, and the refusal of what was just asked for. What a case's
 * button does is the page's to say.
 */
import { element, fill, isSame, part } from "./element.js";
import { Refusal } from "./session.js";
import { warn } from "./voice.js";
import { CATEGORIES } from "./words.js";

/** @typedef {import("./shapes.js").Case} Case */
/** @typedef {import("./shapes.js").State} State */

/** The banners above the account. */
export class Problem {
  #case = part("problem");
  #refusal = part("refusal");
  /** @type {State|null} */
  #state = null;
  /** @type {string|null} the case of the refusal that is shown */
  #refused = null;
  /** @type {HTMLElement|null} what was asked for last, to which the focus returns */
  #pressed = null;
  /** @type {(action: string, pressed: HTMLButtonElement, state: State|null) => void} what a case's button does */
  onaction = () => {};

  /** @param {State} state */
  show(state) {
    this.#state = state;
    const told = state.case;
    if (told && told.id === this.#refused) this.settle();
    if (isSame(this.#case, [told, Boolean(state.attempt), state.usage_url])) return;
    this.#case.hidden = told === null;
    if (told === null) return;
    this.#draw(this.#case, "problem-title", told);
    warn(`${told.title}. ${told.meaning} ${told.remedy}`);
  }

  /**
   * Whether this is what the connection's own banner says; it is brought into view, and nothing has to be said twice.
   * @param {Case} told
   */
  tells(told) {
    const isThere = told.id !== "" && told.id === this.#state?.case?.id;
    if (isThere) this.#case.scrollIntoView({ block: "nearest" });
    return isThere;
  }

  /** Say that what was asked for came to nothing. @param {unknown} error */
  refuse(error) {
    const told = caseOf(error);
    if (!told) throw error;
    if (this.tells(told)) return;
    this.#refused = told.id;
    const close = element("button", { type: "button", class: "plain", click: () => this.settle() }, "Dismiss");
    this.#refusal.hidden = false;
    this.#draw(this.#refusal, "refusal-title", told, close);
    warn(`${told.title}. ${told.meaning} ${told.remedy}`);
    this.#refusal.scrollIntoView({ block: "nearest" });
  }

  /** Take the last refusal away. */
  settle() {
    if (this.#refusal.hidden) return;
    const held = this.#refusal.contains(document.activeElement);
    this.#refusal.hidden = true;
    if (held) (this.#pressed?.checkVisibility() ? this.#pressed : part("main")).focus();
  }

  /**
   * Do what a button is for; while it lasts the button takes no second press, and it keeps the focus.
   * @param {HTMLElement} button
   * @param {() => Promise<unknown>} work
   */
  async trying(button, work) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    this.settle();
    this.#pressed = button;
    try {
      await work();
    } catch (error) {
      this.refuse(error);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  /**
   * @param {HTMLElement} banner
   * @param {string} titleId
   * @param {Case} told
   * @param {HTMLElement} [close]
   */
  #draw(banner, titleId, told, close) {
    const step = this.#step(told);
    banner.classList.toggle("stop", told.category === "bug" || told.category === "needs_admin");
    fill(
      banner,
      element("h2", { id: titleId }, told.title),
      ...describe(told),
      (step || close) && element("p", { class: "actions" }, step, close),
    );
  }

  /** The one next step, where there is something to press. @param {Case} told */
  #step(told) {
    if (!told.button || (this.#state?.attempt && ["sign_in", "open_url"].includes(told.action))) return null;
    if (told.action !== "open_url") return this.#button(told.button, told.action);
    const href = this.#state?.usage_url;
    return (
      href && element("a", { class: "button first", href, target: "_blank", rel: "noopener noreferrer" }, told.button)
    );
  }

  /**
   * @param {string} words
   * @param {string} action
   */
  #button(words, action) {
    const press = (/** @type {Event} */ event) =>
      this.onaction(action, /** @type {HTMLButtonElement} */ (event.currentTarget), this.#state);
    return element("button", { type: "button", class: "first", click: press }, words);
  }
}

/**
 * A case's words, with its id where somebody asks for it.
 * @param {Case} told
 */
export function describe(told) {
  return [
    told.meaning && element("p", {}, told.meaning),
    told.remedy && element("p", {}, told.remedy),
    told.category &&
      element(
        "details",
        {},
        element("summary", {}, "What is this?"),
        element("p", {}, ...named(told.id, told.category)),
      ),
  ];
}

/**
 * @param {string} id
 * @param {string} category
 */
function named(id, category) {
  const kind = CATEGORIES[category] ?? category;
  return ["Case ", element("code", {}, id), ` (${kind}). Every report calls it by this name.`];
}

/**
 * The case of an error that the server told; null for one of our own.
 * @param {unknown} error
 * @returns {Case|null}
 */
export function caseOf(error) {
  return error instanceof Refusal ? error.told : null;
}
