// @ts-check
/**
 * Owns what the server tells, as types for the checker. Nothing here runs, and no page loads it.
 * Times are Unix seconds; ids of accounts are the store's own.
 *
 * @typedef {"disconnected"|"authorizing"|"connected"|"refreshing"|"expired"|"error"} StateName
 * @typedef {"browser"|"device"|"key"} Way
 *
 * @typedef {object} Case
 * @property {string} id
 * @property {string} title
 * @property {string} meaning
 * @property {string} remedy
 * @property {string} action
 * @property {string} [category]
 * @property {string|null} [button]
 * @property {string} [message]
 *
 * @typedef {object} Attempt
 * @property {string} id
 * @property {string} url
 * @property {string|null} short_url
 * @property {string|null} user_code
 * @property {string|null} complete_url
 * @property {number} deadline
 * @property {string[]} ways
 * @property {string[]} asks
 * @property {string|null} forward
 *
 * @typedef {{id: string, label: string, email: string|null, plan: string|null, workspace: string|null}} Account
 * @typedef {{id: string, label: string, email: string|null, provider: string, current: boolean}} Listed
 * @typedef {{name: string, title: string, ways: Way[], notice: string|null, sandbox: boolean}} Provider
 *
 * @typedef {object} State
 * @property {string} seq the id of the newest step in it
 * @property {string} app
 * @property {{name: string, title: string}} provider
 * @property {StateName} state
 * @property {string} usable
 * @property {Account|null} account
 * @property {Listed[]} accounts
 * @property {Provider[]} providers
 * @property {boolean|null} plan_enabled
 * @property {string|null} model
 * @property {number|null} access_expires_at
 * @property {number|null} retry_at
 * @property {number} generation
 * @property {string[]} flags
 * @property {Case|null} case
 * @property {Attempt|null} attempt
 * @property {boolean} notice_due
 * @property {string|null} usage_url
 * @property {boolean} needs_sign_in
 *
 * @typedef {object} Step
 * @property {string} id
 * @property {number} at
 * @property {StateName} source
 * @property {string} trigger
 * @property {StateName} state
 * @property {string|null} case
 * @property {string[]} flags
 * @property {boolean} visible
 * @property {string|null} way
 *
 * @typedef {{id: string, name: string, selected: boolean}} Model
 * @typedef {{name: string, used_percent: number, window_seconds: number|null, resets_at: number|null}} UsageWindow
 */
export {};
