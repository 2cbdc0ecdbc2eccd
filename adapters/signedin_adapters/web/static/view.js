// @ts-check
/** Owns the page as a whole: which of its parts are there, and that all of them show the same state. */
import { fill, marked, part } from "./element.js";
import { say, warn } from "./voice.js";
import { initial } from "./words.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {{show: (state: State) => void}} Shown */

const WHY_ENDED =
  "A page is open to one browser for twelve hours at most, and no longer than its server runs. Nobody was signed out.";
const LINKS = { live: "Live", waiting: "Connecting", away: "Server closed" };

/** The page. */
export class View {
  #parts;
  #standing = "waiting";
  #wasOpen = false;

  /** @param {Shown[]} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#name(part("app").textContent ?? "");
    for (const again of document.querySelectorAll("[data-again]")) fill(again, ...marked(again.textContent ?? ""));
  }

  /** @param {State} state */
  show(state) {
    this.#wasOpen = true;
    this.#name(state.app);
    part("waiting").hidden = true;
    part("door").hidden = true;
    part("live").hidden = false;
    part("foot").hidden = false;
    for (const each of this.#parts) each.show(state);
  }

  /** How it stands with the server. @param {import("./feed.js").Standing} standing */
  stands(standing) {
    if (standing === this.#standing) return;
    const before = this.#standing;
    this.#standing = standing;
    part("link").dataset.standing = standing;
    part("link-says").textContent = LINKS[standing];
    part("away").hidden = standing === "live" || (standing === "waiting" && before !== "away");
    if (standing === "away") warn("The page has lost its server. What you see is what was last known.");
    if (standing === "live" && before === "away") say("The server is back.");
  }

  /** @param {string} app */
  #name(app) {
    document.title = app;
    part("app").textContent = app;
    part("mark").textContent = initial(app);
    for (const name of document.querySelectorAll("[data-app]")) name.textContent = app;
  }

  /** Nobody is let in, or no longer: say how to open the page. @param {string} says the server's own words for it */
  shut(says) {
    for (const child of part("main").children) child.toggleAttribute("hidden", child.id !== "door");
    part("foot").hidden = true;
    part("link").dataset.standing = "away";
    part("link-says").textContent = "Not open";
    this.#standing = "shut";
    if (this.#wasOpen) {
      part("door-title").textContent = "This page has ended";
      part("door-why").textContent = WHY_ENDED;
    }
    if (says) fill(part("door-says"), ...marked(says));
    part("door-title").focus();
  }
}
