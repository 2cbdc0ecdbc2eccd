// @ts-check
/**
 * Owns this browser's session with the page's server: the secret of the address is traded once, the token that proves
 * a change is ours is kept in memory alone, and every refusal becomes a `Refusal` with its case in plain words.
 */

/** @typedef {import("./shapes.js").Case} Case */

/** The server said no, or was not there. */
export class Refusal extends Error {
  /**
   * @param {Case} told
   * @param {number} status 0 where there was no answer
   */
  constructor(told, status) {
    super(told.title);
    this.told = told;
    this.status = status;
  }
}

/** The session. `onlost` is called, with the server's words, when the server no longer knows it. */
export class Session {
  #token = "";
  /** @type {(says: string) => void} */
  onlost = () => {};

  /** Come in: by the address's secret if it has one, else by the cookie. Says how, where neither lets us in. */
  async enter() {
    const secret = secretOfAddress();
    if (secret) history.replaceState(null, "", location.pathname + location.search);
    const traded = secret ? await reach("./session", changing({ secret }, "")) : null;
    const answer = traded?.ok ? traded : await reach("./session");
    if (!answer.ok) return { isIn: false, says: await saidBy(traded ?? answer) };
    this.#token = (await answer.json()).token;
    return { isIn: true, says: "" };
  }

  /**
   * What the server tells at a path.
   * @param {string} path
   * @returns {Promise<any>}
   */
  async get(path) {
    return (await this.#checked(await reach(path))).json();
  }

  /**
   * Change something.
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async post(path, body = {}) {
    return (await this.send(path, body)).json();
  }

  /**
   * Change something, and take the answer as it comes.
   * @param {string} path
   * @param {object} [body]
   * @param {AbortSignal} [signal]
   */
  async send(path, body = {}, signal) {
    const asked = () => reach(path, { ...changing(body, this.#token), signal });
    const answer = await asked();
    return this.#checked(answer.status === 403 && (await this.#isLetInAnew()) ? await asked() : answer);
  }

  /** Whether this browser was let in once more meanwhile, by another tab: then its token is another one. */
  async #isLetInAnew() {
    const answer = await reach("./session");
    const before = this.#token;
    if (answer.ok) this.#token = (await answer.json()).token;
    return this.#token !== before;
  }

  /** Whether we are still let in, where something was refused. */
  async #look() {
    const answer = await reach("./session");
    if (!answer.ok) this.onlost(await saidBy(answer));
  }

  /** @param {Response} answer */
  async #checked(answer) {
    if (answer.ok) return answer;
    const told = await answer.json().catch(() => null);
    if (answer.status === 403) await this.#look();
    throw new Refusal(readable(told?.error), answer.status);
  }
}

/** The words of a refusal; "" where it has none. @param {Response} answer */
async function saidBy(answer) {
  const told = await answer.json().catch(() => null);
  return String(told?.error?.message ?? "");
}

/** @returns {string} the one-time secret, "" where the address has none */
function secretOfAddress() {
  const fragment = location.hash.slice(1);
  return /^[\w-]{20,}$/.test(fragment) ? fragment : "";
}

/**
 * @param {object} body
 * @param {string} token
 * @returns {RequestInit}
 */
function changing(body, token) {
  const headers = { "Content-Type": "application/json", ...(token && { "X-Signedin-Token": token }) };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 */
async function reach(path, options = {}) {
  try {
    return await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refusal(GONE, 0);
  }
}

/** @type {Case} */
const GONE = {
  id: "",
  title: "The page's server does not answer",
  meaning: "It was ended, or is being restarted. Nothing was changed.",
  remedy: "If it does not come back, open the page anew.",
  action: "none",
};

/**
 * What the server told, made whole: a refusal at the gate has a message alone.
 * @param {any} error
 * @returns {Case}
 */
export function readable(error) {
  const title = error?.title ?? "This was refused";
  const message = error?.message ?? "The server gave no reason.";
  const meaning = error?.meaning || (message === title ? "" : message);
  return { remedy: "", action: "none", ...error, id: error?.case ?? "", title, meaning };
}
