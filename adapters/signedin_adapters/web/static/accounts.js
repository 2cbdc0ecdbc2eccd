// @ts-check
/** Owns the list of this app's accounts and turning from one to another. */
import { element, fill, isSame, part } from "./element.js";
import { tell } from "./voice.js";
import { initial } from "./words.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Listed} Listed */

/** The list. */
export class Accounts {
  #session;
  #problem;
  /** @type {() => void} */
  onadd = () => {};

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./problem.js").Problem} problem
   */
  constructor(session, problem) {
    this.#session = session;
    this.#problem = problem;
    part("accounts-add").addEventListener("click", () => this.onadd());
  }

  /** @param {State} state */
  show(state) {
    part("accounts").hidden = state.accounts.length === 0;
    if (isSame(part("accounts-list"), [state.accounts, state.providers])) return;
    const held = part("accounts-list").contains(document.activeElement);
    const titles = new Map(state.providers.map((each) => [each.name, each.title]));
    fill(
      part("accounts-list"),
      ...state.accounts.map((each) => this.#row(each, titles.get(each.provider) ?? each.provider)),
    );
    if (held) part("accounts-title").focus();
  }

  /**
   * @param {Listed} account
   * @param {string} provider
   */
  #row(account, provider) {
    const name = account.email || account.label;
    const beside = [account.email && account.label !== account.email && account.label, provider].filter(Boolean);
    return element(
      "li",
      { "aria-current": account.current && "true" },
      element("span", { class: "face", "aria-hidden": "true" }, initial(name)),
      element(
        "span",
        { class: "names" },
        element("strong", {}, name),
        element("span", { class: "quiet" }, beside.join(" · ")),
      ),
      account.current ? element("span", { class: "tag" }, "On this page") : this.#switch(account, name),
    );
  }

  /**
   * @param {Listed} account
   * @param {string} name
   */
  #switch(account, name) {
    const button = element("button", { type: "button", "aria-label": `Switch to ${name}` }, "Switch");
    button.addEventListener("click", () =>
      this.#problem.trying(button, async () => {
        await this.#session.post("./switch", { account: account.id });
        tell(`This page is about ${name} now.`);
      }),
    );
    return button;
  }
}
