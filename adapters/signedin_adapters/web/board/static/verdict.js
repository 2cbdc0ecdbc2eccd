// @ts-check
/** Owns how a verdict is drawn: the case in its words, the line and the step that tell it, and what `diagnose` says. */
import { element, fill, part } from "./element.js";
import { CATEGORIES, STATES, step as words } from "./words.js";

/** @typedef {import("./shapes.js").Step} Step */
/** @typedef {{id: string, title: string, kind: string, category: string, meaning: string, by_itself: string, remedy: string, exit_code: number}} Told */
/**
 * @typedef {object} Verdict
 * @property {Told} chosen
 * @property {Told} played
 * @property {string} says
 * @property {string} place
 * @property {string|null} line
 * @property {boolean} exact
 * @property {string} judged
 * @property {{id: string, title: string, active: boolean, candidates: string[]}[]} diagnosis
 */

/** A case was chosen, and is being played. @param {{id: string, title: string}} chosen */
export function begin(chosen) {
  part("verdict-title").textContent = chosen.title;
  part("verdict-id").textContent = chosen.id;
  part("verdict-meaning").textContent = "";
  part("verdict-how").textContent = "It is being played …";
  for (const id of ["verdict-place", "verdict-judged"]) part(id).hidden = true;
  fill(part("verdict-facts"));
}

/** @param {Verdict} verdict @param {Step|undefined} taken the step that names the case */
export function show(verdict, taken) {
  const { chosen, played } = verdict;
  part("verdict-meaning").textContent = chosen.meaning;
  part("verdict-how").textContent = verdict.says;
  part("verdict-place").textContent = verdict.place;
  part("verdict-place").hidden = !verdict.place;
  fill(part("verdict-facts"), ...facts(chosen, taken, verdict, played.id));
  part("verdict-judged").textContent = verdict.judged;
  part("verdict-judged").classList.toggle("exact", verdict.exact);
  part("verdict-judged").hidden = false;
}

/** The play could not be carried out. @param {string} why */
export function fail(why) {
  part("verdict-how").textContent = why;
}

/**
 * @param {Told} chosen
 * @param {Step|undefined} taken
 * @param {Verdict} verdict
 * @param {string} playedId
 */
function facts(chosen, taken, verdict, playedId) {
  return [
    ["What to do", chosen.remedy],
    ["By itself", chosen.by_itself],
    ["Ended by", CATEGORIES[chosen.category] ?? chosen.category],
    ["Exit code", chosen.exit_code],
    ["The step", taken ? moved(taken) : "The state stays as it is."],
    ["The line", verdict.line ? lineInBrief(JSON.parse(verdict.line)) : `No line names ${playedId}.`],
    ["Diagnosed", verdict.diagnosis.map((each) => `${each.id}${each.active ? "" : " (over)"}`).join(", ") || "nothing"],
  ].filter(([, text]) => text !== "").flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]);
}

/** A line of the log as it is read at a glance: its number, what happened, and from where to where. @param {any} line */
export function lineInBrief(line) {
  const where = line.from && line.from !== line.to ? ` ${line.from} → ${line.to}` : "";
  return `${line.seq} ${line.trigger ?? line.event}${where}${line.case ? ` ${line.case}` : ""}`;
}

/** @param {Step} taken */
function moved(taken) {
  const from = STATES[taken.source];
  const where = taken.source === taken.state ? `stays ${from}` : `${from} → ${STATES[taken.state]}`;
  return `${words(taken.trigger)}: ${where}`;
}
