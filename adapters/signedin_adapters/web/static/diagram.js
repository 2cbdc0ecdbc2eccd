// @ts-check
/**
 * Owns the live picture of the states: which box is lit, which way was taken last, and which one was picked. The
 * picture itself is the server's; this only gives it classes, and makes its ways things to press.
 */
import { part } from "./element.js";
import { STATES } from "./words.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Step} Step */

const SVG = "http://www.w3.org/2000/svg";

/** The picture. */
export class Diagram {
  #picture = part("diagram");
  #shown = "";
  /** @type {(way: string) => void} */
  onpick = () => {};

  constructor() {
    this.#picture.querySelector("svg")?.setAttribute("role", "group");
    for (const way of this.#picture.querySelectorAll(".way")) this.#makePressable(way);
  }

  /** @param {Pick<State, "state">} state */
  show(state) {
    if (state.state === this.#shown) return;
    this.#shown = state.state;
    for (const box of this.#picture.querySelectorAll(".state")) {
      box.classList.toggle("current", box.id === `state-${state.state}`);
      if (box.id === `state-${state.state}`) box.setAttribute("aria-current", "true");
      else box.removeAttribute("aria-current");
    }
  }

  /** Light the way that was taken, and run along it once. @param {Step} step @param {boolean} [moving] */
  take(step, moving = true) {
    if (step.source === step.state) return;
    this.forget();
    const way = step.way && this.#picture.querySelector(`#${CSS.escape(step.way)}`);
    if (!(way instanceof SVGGElement)) return;
    way.getBBox(); // the animation begins anew only after a layout without it
    way.classList.add("current");
    way.classList.toggle("taken", moving);
  }

  /** No way is the last one any more. */
  forget() {
    for (const lit of this.#picture.querySelectorAll(".way.current")) lit.classList.remove("current", "taken");
  }

  /** Show what the history is filtered by. @param {string|null} picked */
  mark(picked) {
    for (const way of this.#picture.querySelectorAll(".way")) {
      way.setAttribute("aria-pressed", String(way.id === picked));
      way.classList.toggle("picked", way.id === picked);
    }
  }

  /** What a way is called: its words, and where it leads. @param {string} id */
  nameOf(id) {
    return this.#picture.querySelector(`#${CSS.escape(id)}`)?.getAttribute("aria-label") ?? id;
  }

  /** @param {Element} way */
  #makePressable(way) {
    const line = way.querySelector("path");
    line?.setAttribute("pathLength", "1");
    const wide = document.createElementNS(SVG, "path");
    wide.setAttribute("class", "reach");
    wide.setAttribute("d", line?.getAttribute("d") ?? "");
    way.prepend(wide);
    const [, source, destination] = /^way-(\w+)-(\w+)$/.exec(way.id) ?? [];
    const from = source === "any" ? "Any state" : named(source);
    for (const [name, value] of Object.entries({
      tabindex: "0",
      role: "button",
      "aria-pressed": "false",
      "aria-label": `${from} to ${named(destination)}: ${way.querySelector("text")?.textContent ?? ""}`,
    }))
      way.setAttribute(name, value);
    way.addEventListener("click", () => this.onpick(way.id));
    way.addEventListener("keydown", (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event);
      if (key !== "Enter" && key !== " ") return;
      event.preventDefault();
      this.onpick(way.id);
    });
  }
}

/** @param {string} state */
function named(state) {
  return STATES[/** @type {import("./shapes.js").StateName} */ (state)] ?? state;
}
