// @ts-check
/** Owns the list of models and which of them is chosen. The order and the names are the provider's. */
import { element, fill, part } from "./element.js";
import { caseOf } from "./problem.js";
import { hasSession } from "./standing.js";
import { say } from "./voice.js";

/** @typedef {import("./shapes.js").State} State */
/** @typedef {import("./shapes.js").Model} Model */

/** The models. */
export class Models {
  #session;
  #problem;
  #shownFor = "";
  #asked = 0;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./problem.js").Problem} problem
   */
  constructor(session, problem) {
    this.#session = session;
    this.#problem = problem;
    part("models-look").addEventListener("click", () => problem.trying(part("models-look"), () => this.#look(true)));
    part("models-list").addEventListener("change", (event) =>
      this.#choose(/** @type {HTMLInputElement} */ (event.target)),
    );
  }

  /** @param {State} state */
  show(state) {
    const isIn = hasSession(state);
    if (!isIn) this.#shownFor = "";
    const owner = `${state.account?.id} ${state.plan_enabled}`;
    if (isIn && state.state === "connected" && owner !== this.#shownFor) {
      this.#shownFor = owner;
      fill(part("models-list"), ...[1, 2, 3].map(() => element("div", { class: "bone" })));
      void this.#look(false);
    } else if (isIn && state.model) this.#mark(state.model);
    part("models").hidden = !this.#shownFor;
  }

  /** @param {boolean} refresh whether the provider is to be asked, whatever is known */
  async #look(refresh) {
    const asked = ++this.#asked;
    part("models-says").textContent = "Fetching the list…";
    try {
      const told = await this.#session.get(refresh ? "./models?refresh=1" : "./models");
      if (asked === this.#asked) this.#draw(told.models, told.stale, told.case);
    } catch (error) {
      const told = caseOf(error);
      if (!told) throw error;
      if (asked === this.#asked) this.#draw([], false, told);
    }
  }

  /**
   * @param {Model[]} models
   * @param {boolean} stale
   * @param {import("./shapes.js").Case|null} told
   */
  #draw(models, stale, told) {
    fill(part("models-list"), ...models.map(choice));
    part("models-list").hidden = models.length === 0;
    const trouble = told && `${told.title}. ${told.remedy}`;
    const age = stale && models.length ? "This is the list as it was last fetched. " : "";
    part("models-says").textContent = trouble
      ? age + trouble
      : models.length
        ? age || "The chosen one answers your prompts."
        : "The provider lists no model for this account.";
  }

  /** @param {HTMLInputElement} picked */
  async #choose(picked) {
    const before = this.#chosen;
    try {
      this.#problem.settle();
      await this.#session.post("./model", { id: picked.value });
      picked.dataset.chosen = "";
      say(`${picked.value} is chosen.`);
    } catch (error) {
      if (before) this.#mark(before);
      this.#problem.refuse(error);
    }
  }

  get #chosen() {
    const chosen = part("models-list").querySelector("input[data-chosen]");
    return chosen instanceof HTMLInputElement ? chosen.value : "";
  }

  /** @param {string} id */
  #mark(id) {
    for (const input of part("models-list").querySelectorAll("input")) {
      input.checked = input.value === id;
      input.toggleAttribute("data-chosen", input.checked);
    }
  }
}

/** @param {Model} model */
function choice(model) {
  return element(
    "label",
    { class: "choice" },
    element("input", {
      type: "radio",
      name: "model",
      value: model.id,
      checked: model.selected,
      "data-chosen": model.selected,
    }),
    element("span", {}, element("strong", {}, model.name), model.name !== model.id && element("code", {}, model.id)),
  );
}
