// @ts-check
/**
 * Owns what the page says of the user's plan: whether its use is on, how much of it is used where the provider tells,
 * and the notice that is shown once. It never guesses what is left.
 */
import { now } from "./clock.js";
import { element, fill, part } from "./element.js";
import { caseOf } from "./problem.js";
import { hasSession } from "./standing.js";
import { duration, planName, UNITS } from "./words.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").UsageWindow} UsageWindow */

/** The plan card. */
export class Plan {
  #session;
  #shownFor = "";

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.#session = session;
    part("plan-look").addEventListener("click", () => this.#look());
  }

  /** @param {State} state */
  show(state) {
    const isIn = hasSession(state);
    part("notice").hidden = !state.notice_due;
    part("plan").hidden = !isIn || (state.plan_enabled === null && !state.usage_url);
    if (!isIn) this.#shownFor = "";
    if (part("plan").hidden) return;
    this.#switch(state);
    this.#manage(state);
    const owner = `${state.account?.id} ${state.plan_enabled}`;
    if (isIn && state.state === "connected" && owner !== this.#shownFor) {
      this.#shownFor = owner;
      void this.#look();
    }
  }

  /** On or off, and what that means. @param {State} state */
  #switch(state) {
    const { plan_enabled: on, app } = state;
    const plan = state.account?.plan ? `${planName(state.account.plan)} plan` : "plan";
    part("plan-title").textContent = on === null ? "Usage" : "Use your ChatGPT plan";
    part("plan-pill").hidden = on === null;
    part("plan-pill").textContent = on ? "On" : "Off";
    part("plan-pill").dataset.state = on ? "connected" : "disconnected";
    part("plan-enable").hidden = on !== false;
    part("plan-says").textContent =
      on === null
        ? "What this account has used."
        : on
          ? `Requests of ${app} use your ${plan}, within its limits. To end that, remove it in your ChatGPT settings.`
          : `Signed in, but ${app} may not use your plan. Turn it on, and the sign-in page asks you to allow it.`;
  }

  /** @param {State} state */
  #manage(state) {
    const link = part("plan-manage", HTMLAnchorElement);
    link.hidden = !state.usage_url;
    if (state.usage_url) link.href = state.usage_url;
  }

  async #look() {
    try {
      const told = await this.#session.get("./usage");
      this.#draw(told?.windows ?? []);
      this.#says("");
    } catch (error) {
      const told = caseOf(error);
      if (!told) throw error;
      this.#draw([]);
      this.#says(`What is used could not be fetched: ${told.title}.`);
      part("plan-look").hidden = false;
    }
  }

  /** @param {UsageWindow[]} windows */
  #draw(windows) {
    part("plan-windows").hidden = windows.length === 0;
    part("plan-look").hidden = windows.length === 0;
    fill(part("plan-windows"), ...windows.map(bar));
  }

  /** @param {string} words */
  #says(words) {
    part("plan-usage-says").hidden = !words;
    part("plan-usage-says").textContent = words;
  }
}

/** @param {UsageWindow} window */
function bar(window) {
  const used = Math.floor(window.used_percent);
  const name = windowName(window);
  const again =
    window.resets_at && window.resets_at > now() ? `whole again in ${duration(window.resets_at - now())}` : "";
  return element(
    "li",
    {},
    element("span", {}, name),
    element("span", { class: "quiet" }, [`${used} % used`, again].filter(Boolean).join(", ")),
    element("progress", { max: 100, value: Math.min(100, used), "aria-label": `${name}: ${used} % used` }),
  );
}

/** The length says most; a limit beside the plan's own keeps its name. @param {UsageWindow} window */
function windowName({ name, window_seconds: seconds }) {
  const own = name === "primary" || name === "secondary";
  const span = seconds ? `${spanName(seconds)} limit` : own ? "Limit" : "";
  return own ? span : [name, span.toLowerCase()].filter(Boolean).join(", ");
}

/** @param {number} seconds */
function spanName(seconds) {
  if (seconds === 86400) return "Daily";
  if (seconds === 7 * 86400) return "Weekly";
  const [unit, size] = UNITS.find(([, size]) => seconds % size === 0) ?? ["second", 1];
  return `${seconds / size}-${unit}`;
}
