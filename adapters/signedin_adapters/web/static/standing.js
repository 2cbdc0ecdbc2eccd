// @ts-check
/** Owns what follows from a state for every part of the page: whether there is a session, how long, and in words. */
import { now } from "./clock.js";
import { duration, moment } from "./words.js";

/** @typedef {import("./shapes.js").State} State */

/** @type {Record<import("./shapes.js").StateName, string>} */
const SAYS = {
  disconnected: "Signed out. The account is remembered.",
  authorizing: "A sign-in is under way.",
  connected: "Signed in.",
  refreshing: "Signed in; the session is being renewed.",
  expired: "The session has ended. Sign in again to go on.",
  error: "Something is in the way. The session is kept.",
};

/**
 * Whether a session is held; during a sign-in it is the one from before, if there was one.
 * @param {State} state
 */
export function hasSession(state) {
  if (state.needs_sign_in) return false;
  return state.state !== "authorizing" || state.access_expires_at !== null || state.plan_enabled !== null;
}

/**
 * How the account stands, in one sentence.
 * @param {State} state
 */
export function says(state) {
  if (state.state === "disconnected" && !state.account) return `${state.app} is not connected to an account yet.`;
  if (state.state === "authorizing" && !state.attempt) return "A sign-in is under way in another program.";
  return SAYS[state.state];
}

/**
 * How long the session is good, in words that count down; "" where there is nothing to say.
 * @param {State} state
 */
export function until(state) {
  if (!hasSession(state)) return "";
  const { access_expires_at: end, retry_at: retry } = state;
  if (state.state === "error" && retry)
    return retry > now() ? `Tried again in ${duration(retry - now())}` : "Trying again";
  if (!end) return state.state === "connected" ? "Lasts until you sign out" : "";
  if (end <= now()) return "Ran out; renewed when it is used next";
  const left = `Good for another ${duration(end - now())}`;
  return state.state === "refreshing" ? `Being renewed. ${left}` : `${left}, until ${moment(end)}; renewed by itself`;
}
