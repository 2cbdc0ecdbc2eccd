// @ts-check
/**
 * Owns what the page says aloud, for who does not see it: politely what happened, at once what went wrong. What
 * somebody just asked for and cannot see elsewhere is shown for a moment, too.
 */
import { part } from "./element.js";

const SHOWN_MS = 5000;

/** @type {ReturnType<typeof setTimeout>|undefined} */
let ends;

/**
 * Say it when there is time for it.
 * @param {string} words
 */
export function say(words) {
  clearTimeout(ends);
  part("said").classList.remove("shown");
  part("said").textContent = words;
}

/**
 * Say it, and show it for a moment.
 * @param {string} words
 */
export function tell(words) {
  say(words);
  part("said").classList.add("shown");
  ends = setTimeout(() => part("said").classList.remove("shown"), SHOWN_MS);
}

/**
 * Say it at once.
 * @param {string} words
 */
export function warn(words) {
  part("warned").textContent = words;
}
