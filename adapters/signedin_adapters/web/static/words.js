// @ts-check
/** Owns what things are called on the page: states, steps, flags, plans, and times. It draws nothing. */

/** @typedef {import("./shapes.js").StateName} StateName */

/** @type {Record<StateName, string>} */
export const STATES = {
  disconnected: "Disconnected",
  authorizing: "Authorizing",
  connected: "Connected",
  refreshing: "Refreshing",
  expired: "Expired",
  error: "Error",
};

/** @type {Record<string, string>} */
export const FLAGS = {
  usage_paused: "Usage is paused: the plan's limit was reached",
  models_blocked: "A model was refused: choose another one",
  storage_degraded: "Not saved: it lasts as long as this process",
  clock_skewed: "This machine's clock is wrong",
  identity_unverified: "The identity could not be checked yet",
  in_doubt: "A refresh was cut off: known at the next use",
};

/** @type {Record<string, string>} */
const SHORT_FLAGS = {
  plan_enabled: "plan use",
  usage_paused: "usage paused",
  models_blocked: "model refused",
  storage_degraded: "not saved",
  clock_skewed: "clock wrong",
  identity_unverified: "identity unchecked",
  in_doubt: "in doubt",
};

/**
 * Which flags came and went between two steps, in words.
 * @param {string[]} before
 * @param {string[]} after
 */
export function flagChange(before, after) {
  const came = after.filter((flag) => !before.includes(flag)).map((flag) => SHORT_FLAGS[flag] ?? flag);
  const went = before.filter((flag) => !after.includes(flag)).map((flag) => SHORT_FLAGS[flag] ?? flag);
  return [...came.map((flag) => `now: ${flag}`), ...went.map((flag) => `over: ${flag}`)].join(", ");
}

/** @type {Record<string, string>} */
export const CATEGORIES = {
  transient: "it passes by itself",
  needs_user: "you can end it",
  needs_admin: "an administrator can end it",
  environment: "something on this machine",
  configuration: "something in the configuration",
  bug: "a mistake in signedin",
};

/** @type {Record<string, string>} */
const STEPS = {
  AccountLoaded: "The saved account was read",
  StoreFailed: "The store could not be read",
  SignInRequested: "A sign-in began",
  CallbackRejected: "Something else came back and was turned away",
  CodeReceived: "The browser came back",
  SignInFailed: "The sign-in was refused",
  SignInCancelled: "The sign-in was cancelled",
  SignInTimedOut: "The sign-in ran out of time",
  CodeExchanged: "The code was redeemed",
  CodeExchangeFailed: "The code could not be redeemed",
  SessionCommitted: "Signed in",
  RefreshDue: "The token was due to be renewed",
  RefreshRequested: "Renewal was asked for",
  TokenRefreshed: "The token was renewed",
  SaveDue: "Saving was tried again",
  SessionSaved: "The session was saved",
  SessionAdopted: "Another process had renewed it already",
  RefreshRejected: "The provider ended the session",
  RefreshFailed: "Renewing came to nothing",
  BackOffFound: "Another process waits to try again",
  RefreshRefused: "Renewing was refused",
  RefreshAbandoned: "Renewing was given up: signed out meanwhile",
  SessionReplaced: "Another process made a newer session",
  SignedOutElsewhere: "Signed out by another process",
  ApiUnauthorized: "The API refused the token",
  ApiAccepted: "The API took the token",
  GrantEnded: "The session was ended at the provider",
  FlagRaised: "Something is true now beside the state",
  FlagCleared: "Something is no longer true beside the state",
  RetryDue: "Time to try again",
  RetryRequested: "Trying again was asked for",
  SignOutRequested: "Sign-out began",
  SignOutCompleted: "Signed out",
};

/**
 * A step in plain words.
 * @param {string} trigger
 */
export function step(trigger) {
  return STEPS[trigger] ?? trigger;
}

/**
 * The words on the button that begins a sign-in at a provider.
 * @param {{name: string, title: string}} provider
 */
export function continueWith(provider) {
  return `Continue with ${isChatGPT(provider.name) ? "ChatGPT" : provider.title}`;
}

/**
 * Whether a provider is OpenAI's own ChatGPT.
 * @param {string} name
 */
export function isChatGPT(name) {
  return name === "chatgpt" || name === "codex";
}

/**
 * The letter that stands for a name.
 * @param {string} name
 */
export function initial(name) {
  return [...name][0]?.toUpperCase() ?? "";
}

/**
 * The server's word for a plan, as people write it.
 * @param {string} plan
 */
export function planName(plan) {
  return plan.replaceAll("_", " ").replace(/\b\w/g, (letter) => letter.toUpperCase());
}

/**
 * A length of time in its two greatest units: "1 hour 12 minutes".
 * @param {number} seconds
 */
export function duration(seconds) {
  const left = Math.max(0, Math.round(seconds));
  if (left < 60) return counted(left, "second");
  const greater = UNITS.findIndex(([, size]) => left >= size);
  const [name, size] = UNITS[greater];
  const [lesser, lesserSize] = UNITS[greater + 1];
  const rest = Math.floor((left % size) / lesserSize);
  const many = left >= 10 * size;
  return counted(Math.floor(left / size), name) + (rest && !many ? ` ${counted(rest, lesser)}` : "");
}

/** @type {[string, number][]} units of time, with their seconds */
export const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/**
 * @param {number} number
 * @param {string} noun
 */
function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * A moment as a time of day, with its date where that is another day's.
 * @param {number} at
 * @param {Intl.DateTimeFormatOptions} [options]
 */
export function moment(at, options = { hour: "2-digit", minute: "2-digit" }) {
  const when = new Date(at * 1000);
  const today = when.toDateString() === new Date().toDateString();
  return when.toLocaleString([], today ? options : { month: "short", day: "numeric", ...options });
}
