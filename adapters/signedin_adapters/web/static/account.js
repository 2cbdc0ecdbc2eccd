// @ts-check
/** Owns the account card: who is signed in, on which plan, at which provider, until when. It changes nothing. */
import { element, fill, isSame, part } from "./element.js";
import { hasSession, says, until } from "./standing.js";
import { say } from "./voice.js";
import { FLAGS, initial, planName, STATES } from "./words.js";

/** @typedef {import("./shapes.js").State} State */

/** The card. */
export class Account {
  /** @type {State|null} */
  #state = null;

  /** @param {State} state */
  show(state) {
    const before = this.#state;
    this.#state = state;
    const { account } = state;
    const name = account?.email || account?.label || "Not signed in";
    part("account").hidden = false;
    part("account-title").textContent = name;
    part("account-face").textContent = account ? initial(name) : "";
    part("account-says").textContent = says(state);
    part("account-pill").textContent = STATES[state.state];
    part("account-pill").dataset.state = state.state;
    this.#facts();
    this.#flags();
    this.#actions();
    if (before && before.state !== state.state) say(`${STATES[state.state]}. ${says(state)}`);
  }

  /** Which of the account's sessions is shown; every renewal makes a greater one. */
  get generation() {
    return this.#state?.generation ?? 0;
  }

  /** Count down. */
  tick() {
    const running = document.getElementById("account-until");
    if (running && this.#state) running.textContent = until(this.#state);
  }

  #facts() {
    const state = /** @type {State} */ (this.#state);
    const { account } = state;
    const rows =
      account === null
        ? []
        : [
            account.email && account.label !== account.email && ["Called", account.label],
            account.plan && ["Plan", planName(account.plan)],
            account.workspace && ["Workspace", account.workspace],
            ["Provider", state.provider.title],
            state.model && hasSession(state) && ["Model", state.model],
          ].filter(Boolean);
    const times = until(state);
    if (!isSame(part("account-facts"), [rows, times !== ""])) {
      const drawn = rows.map((row) => fact(/** @type {string[]} */ (row)[0], /** @type {string[]} */ (row)[1]));
      fill(part("account-facts"), ...drawn.flat(), ...(times ? fact("Session", times, "account-until") : []));
    }
    part("account-facts").hidden = rows.length === 0;
    this.tick();
  }

  #flags() {
    const flags = this.#state?.flags.filter((flag) => flag in FLAGS) ?? [];
    part("account-flags").hidden = flags.length === 0;
    fill(part("account-flags"), ...flags.map((flag) => element("li", { class: "tag warn" }, FLAGS[flag])));
  }

  #actions() {
    const state = /** @type {State} */ (this.#state);
    part("account-actions").hidden = !hasSession(state) || state.attempt !== null;
    part("account-renew").hidden = !state.access_expires_at;
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} [id]
 */
function fact(name, value, id) {
  return [element("dt", {}, name), element("dd", { id }, value)];
}
