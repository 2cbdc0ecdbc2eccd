// @ts-check
/**
 * Owns the history below the picture: the newest step first, each with its time, its words and its case; all of
 * them, or those of one way alone.
 */
import { element, fill, part } from "./element.js";
import { flagChange, moment, STATES, step as words } from "./words.js";

/** @typedef {import("./shapes.js").Step} Step */

const KEPT = 512;
const SHOWN = 12;
/** @type {Intl.DateTimeFormatOptions} */
const EXACT = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

/** The history. */
export class Timeline {
  /** @type {Step[]} */
  #steps = [];
  /** @type {string|null} */
  #only = null;
  #most = SHOWN;
  /** @type {(way: string|null) => void} */
  onfilter = () => {};
  /** @type {(way: string) => string} */
  #nameOf;

  /** @param {(way: string) => string} nameOf what a drawn way is called */
  constructor(nameOf) {
    this.#nameOf = nameOf;
    part("history-all").addEventListener("change", () => this.#draw());
    part("history-clear").addEventListener("click", () => {
      this.filter(null);
      part("history-title").focus();
    });
    part("history-more").addEventListener("click", () => this.#showMore());
  }

  /** @param {Step[]} steps all there are, the oldest first */
  begin(steps) {
    this.#steps = steps.slice(-KEPT);
    this.#draw();
  }

  /** @param {Step} step */
  add(step) {
    if (this.#steps.some((each) => each.id === step.id)) return;
    this.#steps = [...this.#steps.slice(1 - KEPT), step];
    this.#draw();
  }

  /** Show the steps of one way alone; the same way once more, or null, shows all. @param {string|null} way */
  filter(way) {
    this.#only = way === this.#only ? null : way;
    this.#most = SHOWN;
    this.#draw();
    this.onfilter(this.#only);
  }

  #showMore() {
    const first = this.#most;
    this.#most += 4 * SHOWN;
    this.#draw();
    this.#focus(first);
  }

  /** What is drawn anew loses the focus. @param {number} place */
  #focus(place) {
    part("history").children[place]?.querySelector("button")?.focus();
  }

  #draw() {
    const all = part("history-all", HTMLInputElement).checked || this.#only !== null;
    const found = this.#steps.filter((step) => (all || step.visible) && (!this.#only || pathOf(step) === this.#only));
    const drawn = found.reverse().slice(0, this.#most);
    const held = document.activeElement?.closest("#history li")?.getAttribute("data-id");
    fill(part("history"), ...drawn.map((step) => this.#entry(step)));
    if (held) this.#focus(drawn.findIndex((step) => step.id === held));
    part("history-more").hidden = found.length <= this.#most;
    part("history-more").textContent = `Show ${found.length - this.#most} older`;
    part("history-filter").hidden = this.#only === null;
    part("history-filter-says").textContent = this.#only ? `Only ${this.#called(this.#only)}` : "";
    part("history-empty").hidden = drawn.length > 0;
    part("history-empty").textContent = this.#only
      ? "This way was not taken while the page's server ran."
      : "Nothing has happened since the page's server began.";
  }

  /** @param {Step} step */
  #entry(step) {
    const path = pathOf(step);
    const pick = element(
      "button",
      {
        type: "button",
        "aria-pressed": String(path === this.#only),
        title: "Show only steps like this one",
        click: () => this.filter(path),
      },
      words(step.trigger),
    );
    const moved = step.source === step.state ? null : `${STATES[step.source]} → ${STATES[step.state]}`;
    const before = this.#steps[this.#steps.indexOf(step) - 1];
    const flags = before ? flagChange(before.flags, step.flags) : "";
    return element(
      "li",
      { "data-id": step.id, "data-state": step.state, class: step.visible ? null : "inner" },
      element("time", { datetime: new Date(step.at * 1000).toISOString() }, moment(step.at, EXACT)),
      element(
        "div",
        {},
        pick,
        moved && element("span", { class: "quiet" }, moved),
        flags && element("span", { class: "quiet" }, flags),
        step.case && element("span", { class: "case" }, "case ", element("code", {}, step.case)),
      ),
    );
  }

  /** @param {string} path */
  #called(path) {
    if (path.startsWith("way-")) return this.#nameOf(path);
    const [, trigger] = path.split(":");
    return `“${words(trigger)}”`;
  }
}

/** What steps are alike by: the drawn way that they took, else what brought them. @param {Step} step */
function pathOf(step) {
  return step.way ?? `step:${step.trigger}`;
}
