// @ts-check
/**
 * Owns the choice of how to sign in: the button on the account card, and the dialog with every provider and way. It
 * begins nothing by itself.
 */
import { element, fill, isSame, part } from "./element.js";
import { caseOf } from "./problem.js";
import { warn } from "./voice.js";
import { continueWith, isChatGPT } from "./words.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Provider} Provider */
/** @typedef {import("./sign_in.js").Wish} Wish */

/** The ways to sign in. */
export class Ways {
  #dialog = part("ways", HTMLDialogElement);
  #session;
  /** @type {State|null} */
  #state = null;
  #isNew = false;
  #chosen = "";
  /** @type {(wish: Wish, pressed: HTMLElement) => void} called within the click */
  onbegin = () => {};

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    part("entry-continue").addEventListener("click", () => this.#first());
    part("ways-close").addEventListener("click", () => this.#dialog.close());
    part("ways-browser").addEventListener("click", () => this.#begin("browser"));
    part("ways-device").addEventListener("click", () => this.#begin("device"));
    part("ways-key").addEventListener("submit", (event) => this.#key(event));
    part("ways-providers").addEventListener("change", (event) => {
      this.#choose(/** @type {HTMLInputElement} */ (event.target).value);
    });
    this.#dialog.addEventListener("close", () => (part("ways-key-field", HTMLInputElement).value = ""));
  }

  /** @param {State} state */
  show(state) {
    this.#state = state;
    part("entry").hidden = !state.needs_sign_in || state.attempt !== null;
    if (isSame(part("entry"), [state.provider, state.providers, state.accounts])) return;
    const current = this.#offered(state.provider.name);
    part("entry-continue").textContent = current?.ways[0] === "key" ? "Enter an API key" : continueWith(state.provider);
    part("entry-continue").classList.toggle("chatgpt", isChatGPT(state.provider.name));
    this.#notify(current);
    fill(part("entry-others"), ...this.#others(current));
    part("entry-or").hidden = part("entry-others").childElementCount === 0;
  }

  /**
   * Ask which way.
   * @param {boolean} isNew whether another account is to be added
   * @param {string} [provider] chosen from the beginning
   */
  ask(isNew, provider = this.#state?.provider.name ?? "") {
    this.#isNew = isNew;
    part("ways-title").textContent = isNew ? "Add another account" : "Other ways to sign in";
    part("ways-naming").hidden = !isNew;
    part("ways-label", HTMLInputElement).value = "";
    part("ways-key-error").hidden = true;
    const providers = this.#state?.providers ?? [];
    fill(part("ways-providers"), element("legend", {}, "Provider"), ...providers.map((each) => choice(each, provider)));
    this.#choose(provider);
    this.#dialog.showModal();
  }

  /** What the provider wants said before anybody first signs in to it. @param {Provider|undefined} current */
  #notify(current) {
    const isKnown = this.#state?.accounts.some((each) => each.provider === current?.name);
    part("entry-notice").textContent = (!isKnown && current?.notice) || "";
    part("entry-notice").hidden = !part("entry-notice").textContent;
  }

  /** Other ways; where a code comes from, a sandbox leads to no real service. @param {Provider|undefined} current */
  #others(current) {
    const state = /** @type {State} */ (this.#state);
    const button = (/** @type {string} */ words, /** @type {() => void} */ click) =>
      element("button", { type: "button", click }, words);
    const keyed = state.providers.find((each) => each.ways.includes("key"));
    const coded = [current, ...state.providers].find(
      (each) => each?.ways.includes("device") && each.sandbox === current?.sandbox,
    );
    return [
      coded && button("Another device", () => this.ask(false, coded.name)),
      keyed && keyed.name !== current?.name && button("API key", () => this.ask(false, keyed.name)),
      state.providers.length > 1 && button("Another provider", () => this.ask(false)),
    ];
  }

  #first() {
    const current = this.#offered(this.#state?.provider.name ?? "");
    if (current?.ways[0] === "key") this.ask(false);
    else this.onbegin({ way: "browser" }, part("entry-continue"));
  }

  /** @param {string} name */
  #choose(name) {
    this.#chosen = name;
    const provider = this.#offered(name);
    const ways = provider?.ways ?? ["browser"];
    part("ways-browser").hidden = !ways.includes("browser");
    part("ways-browser").textContent = provider ? continueWith(provider) : "Continue in the browser";
    part("ways-browser").classList.toggle("chatgpt", isChatGPT(name));
    part("ways-device").hidden = !ways.includes("device");
    part("ways-choices").hidden = !ways.includes("browser") && !ways.includes("device");
    part("ways-key").hidden = !ways.includes("key");
    part("ways-notice").hidden = !provider?.notice;
    part("ways-notice").textContent = provider?.notice ?? "";
  }

  /** @param {"browser"|"device"} way */
  #begin(way) {
    this.#dialog.close();
    this.onbegin({ way, ...this.#wish() }, part(way === "browser" ? "ways-browser" : "ways-device"));
  }

  /** @returns {Wish} */
  #wish() {
    const label = part("ways-label", HTMLInputElement).value.trim();
    return { provider: this.#chosen, ...(this.#isNew && { new: true, ...(label && { label }) }) };
  }

  /** @param {Event} event */
  async #key(event) {
    event.preventDefault();
    const field = part("ways-key-field", HTMLInputElement);
    const wrong = part("ways-key-error");
    try {
      wrong.hidden = true;
      await this.#session.post("./sign-in/key", { key: field.value.trim(), ...this.#wish() });
      this.#dialog.close();
      part("account-title").focus();
    } catch (error) {
      const told = caseOf(error);
      if (!told) throw error;
      wrong.hidden = false;
      wrong.textContent = `${told.title}. ${told.meaning}`;
      warn(wrong.textContent);
      field.focus();
    }
  }

  /** @param {string} name */
  #offered(name) {
    return this.#state?.providers.find((each) => each.name === name);
  }
}

/**
 * @param {Provider} provider
 * @param {string} chosen
 */
function choice(provider, chosen) {
  const ways = provider.ways.map((way) => WAYS[way]).join(", ");
  return element(
    "label",
    { class: "choice" },
    element("input", { type: "radio", name: "provider", value: provider.name, checked: provider.name === chosen }),
    element("span", {}, element("strong", {}, provider.title), element("span", { class: "quiet" }, ways)),
  );
}

const WAYS = { browser: "in the browser", device: "with a code on another device", key: "with a key" };
