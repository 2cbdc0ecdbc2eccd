// @ts-check
/** Owns the box to try a prompt: it sends one question at a time and shows the answer as it comes, as text alone. */
import { element, fill, part } from "./element.js";
import { linesOf } from "./lines.js";
import { caseOf, describe } from "./problem.js";
import { readable } from "./session.js";
import { hasSession } from "./standing.js";
import { say, warn } from "./voice.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Case} Case */
/** @typedef {{text?: string, done?: boolean, model?: string, error?: object}} Line */

/** The box. */
export class Ask {
  #session;
  #problem;
  /** @type {AbortController|null} */
  #running = null;
  #model = "";
  #owner = "";
  /** @type {Case|null} what is told below the prompt */
  #told = null;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./problem.js").Problem} problem
   */
  constructor(session, problem) {
    this.#session = session;
    this.#problem = problem;
    part("ask-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    part("ask-stop").addEventListener("click", () => this.#running?.abort());
    part("ask-prompt").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) part("ask-form", HTMLFormElement).requestSubmit();
    });
  }

  /** @param {State} state */
  show(state) {
    part("ask").hidden = !hasSession(state);
    part("ask-plan").hidden = !(state.plan_enabled ?? state.provider.name === "codex");
    this.#model = state.model ?? "";
    if (!this.#running && !part("ask-says").textContent) this.#says("");
    if (this.#told) this.#tell(this.#told);
    const owner = hasSession(state) ? (state.account?.id ?? "") : "";
    if (owner !== this.#owner) this.#forget();
    this.#owner = owner;
  }

  /** An answer belongs to the account that asked. */
  #forget() {
    this.#running?.abort();
    part("ask-answer").hidden = true;
    part("ask-text").textContent = "";
    this.#settle();
    this.#says("");
  }

  async #send() {
    const prompt = part("ask-prompt", HTMLTextAreaElement).value.trim();
    if (this.#running) return;
    if (!prompt) return part("ask-prompt").focus();
    const running = (this.#running = new AbortController());
    this.#begin();
    try {
      await this.#read(await this.#session.send("./ask", { prompt }, running.signal));
    } catch (error) {
      this.#broke(error);
    } finally {
      this.#end();
    }
  }

  #begin() {
    part("ask-stop").hidden = false;
    part("ask-stop").focus();
    part("ask-send").hidden = true;
    part("ask-answer").hidden = false;
    part("ask-answer").setAttribute("aria-busy", "true");
    part("ask-text").textContent = "";
    this.#settle();
    this.#says("Waiting for the answer…");
  }

  #end() {
    const held = document.activeElement === part("ask-stop");
    this.#running = null;
    part("ask-answer").removeAttribute("aria-busy");
    part("ask-answer").hidden = part("ask-text").textContent === "";
    part("ask-stop").hidden = true;
    part("ask-send").hidden = false;
    if (held) part("ask-prompt").focus();
  }

  /** @param {Response} answer */
  async #read(answer) {
    let isWhole = false;
    for await (const line of linesOf(answer)) isWhole = this.#take(line) || isWhole;
    if (!isWhole) this.#says("The answer broke off.");
  }

  /** @param {Line} line @returns {boolean} whether it was the last one */
  #take(line) {
    if (line.text) {
      part("ask-text").append(line.text);
      this.#says("Answering…");
    }
    if (line.error) this.#tell(readable(line.error));
    if (line.done) {
      this.#says(line.model ? `Answered by ${line.model}.` : "Answered.");
      say(`Answer: ${part("ask-text").textContent}`);
    }
    return Boolean(line.done || line.error);
  }

  /** @param {unknown} error */
  #broke(error) {
    if (this.#running?.signal.aborted) return this.#says("Stopped.");
    const told = caseOf(error);
    if (told) this.#tell(told);
    else if (error instanceof TypeError) this.#says("The answer broke off.");
    else throw error;
  }

  /** Say why no answer came: below the prompt, unless it stands above the account already. @param {Case} told */
  #tell(told) {
    if (this.#problem.tells(told)) {
      this.#settle();
      return this.#says("No answer came.");
    }
    if (told === this.#told) return;
    this.#told = told;
    this.#says("");
    part("ask-error").hidden = false;
    fill(part("ask-error"), element("div", { class: "callout" }, element("h3", {}, told.title), ...describe(told)));
    warn(`${told.title}. ${told.meaning}`);
  }

  #settle() {
    this.#told = null;
    part("ask-error").hidden = true;
  }

  /** @param {string} words what stands beside the button; without words, who will answer */
  #says(words) {
    part("ask-says").textContent = words || (this.#model ? `${this.#model} will answer.` : "");
  }
}
