// @ts-check
/**
 * Owns the board: the list of all cases, and one play at a time, drawn as it happens. Its server is on this machine, and
 * what it tells is a stand-in's: no account of the user's is in it.
 */
import { Diagram } from "./diagram.js";
import { element, fill, marked, part } from "./element.js";
import { linesOf } from "./lines.js";
import { Refusal, Session } from "./session.js";
import { Timeline } from "./timeline.js";
import * as verdict from "./verdict.js";

/** @typedef {import("./shapes.js").Step} Step */
/** @typedef {{id: string, title: string, kind: string, how: string}} Listed */

/** @type {Record<string, string>} */
const HOW = { sandbox: "played", here: "played", "stand-in": "played by a stand-in", table: "from the table", unseen: "seen by looking" };
/** @type {Record<string, string>} */
const KINDS = { candidate: "a reason for another", advice: "advice" };

const session = new Session();
const diagram = new Diagram();
const timeline = new Timeline((way) => diagram.nameOf(way));
/** @type {{heading: string, cases: Listed[]}[]} */
let headings = [];
/** @type {AbortController|null} */
let playing = null;
let chosenId = "";
/** @type {Step[]} */
let steps = [];

begin();

async function begin() {
  session.onlost = shut;
  diagram.onpick = (way) => timeline.filter(way);
  timeline.onfilter = (way) => diagram.mark(way);
  part("search").addEventListener("input", drawList);
  try {
    const { isIn, says } = await session.enter();
    if (!isIn) return shut(says);
    headings = (await session.get("./cases")).headings;
    drawList();
  } catch (error) {
    shut(saidBy(error));
  }
}

// the list -----------------------------------------------------------------------------------------------------------

function drawList() {
  const wanted = part("search", HTMLInputElement).value.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = headings.map(({ heading, cases }) => {
    const found = cases.filter((each) => wanted.every((word) => `${each.id} ${each.title}`.toLowerCase().includes(word)));
    return { heading, found };
  }).filter(({ found }) => found.length);
  const count = groups.reduce((sum, { found }) => sum + found.length, 0);
  part("found").textContent = `${count} ${count === 1 ? "case" : "cases"}`;
  fill(part("cases"), ...groups.flatMap(({ heading, found }) => [
    element("h3", {}, heading), element("ul", {}, ...found.map(entry)),
  ]));
}

/** @param {Listed} each */
function entry(each) {
  const label = KINDS[each.kind] ?? HOW[each.how];
  return element("li", {}, element("button", {
    type: "button", "data-case": each.id, "aria-pressed": String(each.id === chosenId), click: () => play(each),
  }, element("span", {}, each.title), element("code", {}, `${each.id} · ${label}`)));
}

// one play -----------------------------------------------------------------------------------------------------------

/** @param {Listed} chosen */
async function play(chosen) {
  playing?.abort();
  const mine = playing = new AbortController();
  clear(chosen);
  try {
    const answer = await session.send("./play", { case: chosen.id }, mine.signal);
    for await (const happening of linesOf(answer)) if (playing === mine) happened(happening);
  } catch (error) {
    if (playing === mine) verdict.fail(saidBy(error));
  }
}

/** @param {Listed} chosen */
function clear(chosen) {
  chosenId = chosen.id;
  steps = [];
  for (const button of part("cases").querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.case === chosenId));
  }
  for (const id of ["requests", "lines", "steps"]) fill(part(id));
  for (const id of ["requests-empty", "lines-empty"]) {
    part(id).textContent = "Nothing yet.";
    part(id).hidden = false;
  }
  part("steps-title").hidden = false;
  timeline.begin([]);
  diagram.show({ state: "disconnected" });
  diagram.forget();
  verdict.begin(chosen);
}

/** @param {any} told */
function happened(told) {
  if (told.kind === "step") part("steps").append(element("li", {}, told.words));
  else if (told.kind === "refusal") met(told);
  else if (told.kind === "request") asked(told);
  else if (told.kind === "line") logged(told.text);
  else if (told.kind === "transition") moved(told);
  else if (told.kind === "verdict") judged(told);
  else if (told.kind === "failed") verdict.fail(`Something went wrong inside the board (${told.error}).`);
}

/** What the app met in the step that is being played. @param {{case: string, message: string}} told */
function met(told) {
  part("steps").lastElementChild?.append(element("span", { class: "met" }, ` It meets: ${told.message} (${told.case})`));
}

/** @param {{method: string, path: string, status: number|null, note: string}} told */
function asked(told) {
  part("requests-empty").hidden = true;
  const bad = told.status === null || told.status >= 400;
  part("requests").append(element("li", {},
    element("span", { class: bad ? "bad" : null }, told.status ?? "—"), element("span", {}, told.method),
    element("span", {}, told.path), told.note && element("span", { class: "note" }, told.note)));
}

/** @param {string} text */
function logged(text) {
  part("lines-empty").hidden = true;
  const line = element("details", { "data-line": text }, element("summary", {}, verdict.lineInBrief(JSON.parse(text))), text);
  part("lines").append(element("li", {}, line));
  part("lines-box").scrollTop = part("lines-box").scrollHeight;
}

/** @param {Step} told */
function moved(told) {
  const step = { ...told, id: String(steps.length) };
  steps.push(step);
  timeline.add(step);
  light(step);
}

/** @param {any} told */
function judged(told) {
  for (const line of part("lines").querySelectorAll("details")) {
    line.open = line.dataset.line === told.line;
    line.parentElement?.classList.toggle("names", line.open);
  }
  showLine(part("lines").querySelector(".names"));
  part("requests-empty").textContent = "It was asked nothing.";
  part("lines-empty").textContent = "Nothing was written.";
  const taken = steps.find((step) => step.case === told.played.id);
  if (taken) light(taken);
  verdict.show(told, taken);
}

/** Within its box alone: the page stays where its reader is. @param {Element|null} line */
function showLine(line) {
  if (!(line instanceof HTMLElement)) return;
  const box = part("lines-box");
  box.scrollTop = line.offsetTop - box.offsetTop;
}

/** @param {Step} step */
function light(step) {
  diagram.show(step);
  diagram.take(step);
}

// what the server says -----------------------------------------------------------------------------------------------

/** @param {unknown} error */
function saidBy(error) {
  return error instanceof Refusal ? `${error.told.title}. ${error.told.meaning}` : "The board's server does not answer any more.";
}

/** @param {string} why */
function shut(why) {
  fill(part("shut"), ...marked(why));
  part("shut").hidden = false;
}
