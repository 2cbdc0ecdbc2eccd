// @ts-check
/**
 * Owns how a piece of the page is made and found. Texts go in as texts: nothing here or elsewhere reads markup, so what
 * a server or a model says cannot become part of the page.
 */

/** @typedef {Node|string|number|null|undefined|false} Child */
/** @typedef {Record<string, string|number|boolean|null|undefined|((event: any) => void)>} Attributes */

/**
 * A new element. A function among the attributes listens to the event of that name.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  made.append(...present(children));
  return made;
}

/**
 * Put these children in place of those that are there.
 * @param {Element} parent
 * @param {...Child} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...present(children));
}

/**
 * The part of the page with this id; the page is ours, so it is there.
 * @template {Element} [Kind=HTMLElement]
 * @param {string} id
 * @param {new () => Kind} [kind]
 * @returns {Kind}
 */
export function part(id, kind = /** @type {any} */ (HTMLElement)) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} "${id}"`);
  return found;
}

/**
 * A text as children: what stands in `backquotes` is something to type.
 * @param {string} text
 */
export function marked(text) {
  return text.split("`").map((words, place) => (place % 2 ? element("code", {}, words) : words));
}

/**
 * Whether what was last drawn here is the same: what is drawn anew loses focus and selection.
 * @param {Element} drawn
 * @param {unknown} now
 */
export function isSame(drawn, now) {
  const text = JSON.stringify(now);
  if (before.get(drawn) === text) return true;
  before.set(drawn, text);
  return false;
}

/** @type {WeakMap<Element, string>} */
const before = new WeakMap();

/**
 * @param {Child[]} children
 * @returns {(Node|string)[]}
 */
function present(children) {
  const there = children.filter((child) => child !== null && child !== undefined && child !== false && child !== "");
  return there.map((child) => (child instanceof Node ? child : String(child)));
}
