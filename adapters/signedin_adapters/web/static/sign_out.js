// @ts-check
/** Owns signing out, and the question before it. */
import { part } from "./element.js";
import { tell } from "./voice.js";

/** @typedef {import("./shapes.js").State} State */

/** The dialog, and what follows from it. */
export class SignOut {
  #dialog = part("leave", HTMLDialogElement);
  #session;
  #problem;
  /** @type {State|null} */
  #state = null;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./problem.js").Problem} problem
   */
  constructor(session, problem) {
    this.#session = session;
    this.#problem = problem;
    part("account-leave").addEventListener("click", () => this.#ask());
    this.#dialog.addEventListener("close", () => this.#answered());
  }

  /** @param {State} state */
  show(state) {
    this.#state = state;
    if (state.needs_sign_in && this.#dialog.open) this.#dialog.close("stay");
  }

  #ask() {
    const who = this.#state?.account?.email || this.#state?.account?.label || "this account";
    const app = this.#state?.app ?? "This app";
    part("leave-says").textContent =
      `${app} forgets the session of ${who} on this machine. The account stays in the list, to sign in again.`;
    part("leave-revoke", HTMLInputElement).checked = true;
    this.#dialog.returnValue = "stay";
    this.#dialog.showModal();
  }

  #answered() {
    if (this.#dialog.returnValue !== "leave") return;
    const revoke = part("leave-revoke", HTMLInputElement).checked;
    void this.#problem.trying(part("account-leave"), async () => {
      const { revoked } = await this.#session.post("./sign-out", { revoke });
      tell(revoke && !revoked ? "Signed out here. The provider did not confirm it." : "Signed out.");
      part("account-title").focus();
    });
  }
}
