// @ts-check
/** Owns the page's beginning: it comes in, makes the parts, ties each button to what it does, and reads along. */
import { Account } from "./account.js";
import { Accounts } from "./accounts.js";
import { Ask } from "./ask.js";
import { Clock } from "./clock.js";
import { Diagram } from "./diagram.js";
import { part } from "./element.js";
import { Feed } from "./feed.js";
import { Models } from "./models.js";
import { Plan } from "./plan.js";
import { Problem } from "./problem.js";
import { download } from "./report.js";
import { Session } from "./session.js";
import { SignIn } from "./sign_in.js";
import { SignOut } from "./sign_out.js";
import { Timeline } from "./timeline.js";
import { View } from "./view.js";
import { tell } from "./voice.js";
import { Ways } from "./ways.js";

const AGAIN_MS = 3000;

const session = new Session();
const problem = new Problem();
const account = new Account();
const signIn = new SignIn(session);
const ways = new Ways(session);
const accounts = new Accounts(session, problem);
const diagram = new Diagram();
const timeline = new Timeline((way) => diagram.nameOf(way));
const view = new View([
  problem,
  account,
  signIn,
  ways,
  new Plan(session),
  new Models(session, problem),
  new Ask(session, problem),
  accounts,
  new SignOut(session, problem),
  diagram,
]);
const feed = new Feed({
  reset(state, history) {
    timeline.begin(history);
    diagram.forget();
    const moved = history.findLast((step) => step.source !== step.state);
    if (moved) diagram.take(moved, false);
    view.show(state);
  },
  state: (state) => view.show(state),
  step(step) {
    timeline.add(step);
    diagram.take(step);
  },
  standing: (standing) => view.stands(standing),
  isLetIn: enter,
});

/** @typedef {import("./shapes.js").State} State */

/** @type {Record<string, (pressed: HTMLElement, state: State|null) => void>} a case's button, by its action */
const ACTIONS = {
  sign_in: (pressed) => begin({}, pressed),
  enable_plan: (pressed) => begin({ consent: true }, pressed),
  choose_model: () => part("models-title").focus(),
  unlock_store: again,
  wait: again,
  ask_admin: report,
  update: report,
};

problem.onaction = (action, pressed, state) => ACTIONS[action]?.(pressed, state);
ways.onbegin = begin;
accounts.onadd = () => ways.ask(true);
diagram.onpick = (way) => timeline.filter(way);
timeline.onfilter = (way) => diagram.mark(way);
session.onlost = shut;

/**
 * Begin a sign-in, within the click that asked for it.
 * @param {import("./sign_in.js").Wish} wish
 * @param {HTMLElement} pressed
 */
function begin(wish, pressed) {
  void problem.trying(pressed, () => signIn.begin(wish));
}

/**
 * Try again what is in the way: where nobody is signed in, that is signing in.
 * @param {HTMLElement} pressed
 * @param {State|null} state
 */
function again(pressed, state) {
  if (state?.needs_sign_in) begin({}, pressed);
  else doing(pressed, "./retry");
}

/**
 * @param {HTMLElement} pressed
 * @param {string} path
 */
function doing(pressed, path) {
  void problem.trying(pressed, () => session.post(path));
}

/** @param {HTMLElement} pressed */
function renew(pressed) {
  void problem.trying(pressed, async () => {
    const before = account.generation;
    await session.post("./refresh");
    const { generation } = await session.get("./state");
    tell(
      generation > before
        ? "Renewed."
        : "Nothing had to be renewed: the provider asks to wait, and the session is good.",
    );
  });
}

/** @param {HTMLElement} pressed */
function report(pressed) {
  void problem.trying(pressed, () => download(session));
}

/** @param {string} says */
function shut(says) {
  feed.close();
  view.shut(says);
}

/** Whether we are let in; where not, the page says how. Rejects where the server is not there. */
async function enter() {
  const { isIn, says } = await session.enter();
  if (!isIn) shut(says);
  return isIn;
}

/** @type {ReturnType<typeof setTimeout>|undefined} */
let later;

/** Come in, and read along; again after a while where the server is not there. */
async function open() {
  clearTimeout(later);
  try {
    if (await enter()) feed.open();
  } catch {
    view.stands("away");
    later = setTimeout(open, AGAIN_MS);
  }
}

/**
 * @param {string} id
 * @param {(pressed: HTMLElement) => void} does
 */
function press(id, does) {
  part(id).addEventListener("click", () => does(part(id)));
}

press("account-renew", renew);
press("attempt-cancel", (pressed) => void problem.trying(pressed, () => signIn.cancel()));
press("plan-enable", (pressed) => begin({ consent: true }, pressed));
press("notice-done", (pressed) => doing(pressed, "./notice"));
press("report", report);
press("away-try", () => void open());
window.addEventListener("hashchange", () => location.hash.length > 20 && void open());

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(part(button.getAttribute("data-copies") ?? "").textContent ?? "");
    tell("Copied.");
  });
}

const clock = new Clock(() => feed.again());
clock.each(() => account.tick());
clock.each(() => signIn.tick());
void open();
