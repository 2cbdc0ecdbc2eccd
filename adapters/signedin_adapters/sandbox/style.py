"""The look of the sandbox's pages: one stylesheet, sent inside each page and named by its hash in the policy.

A sandbox of paper, ink and teal, and nothing of a provider's own look. Light and dark, no script, no font, no picture.
"""

import base64
import hashlib

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #faf6ee; --card: #fffdf8; --line: #e3d9c6; --ink: #2b2620; --soft: #6b6153;
  --accent: #0b6e63; --on-accent: #ffffff; --tint: #e3f1ed; --sand: #f3d9a0; --on-sand: #4a3507; --bad: #a2352a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #1b1916; --card: #25221e; --line: #413b33; --ink: #f1eadd; --soft: #b3a895;
    --accent: #6fd0bf; --on-accent: #06302a; --tint: #20362f; --sand: #5b4518; --on-sand: #fbe7bd; --bad: #f0988c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 ui-sans-serif, system-ui, sans-serif; }
.banner { margin: 0; padding: .55rem 1rem; background: var(--sand); color: var(--on-sand); text-align: center;
  font-size: .9rem; }
main { max-width: 27rem; margin: 0 auto; padding: clamp(1.5rem, 6vh, 4.5rem) 1rem 3rem; }
main.wide { max-width: 58rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.75rem;
  box-shadow: 0 1px 2px rgb(0 0 0 / 5%), 0 12px 32px -18px rgb(0 0 0 / 25%); }
.card + .card { margin-top: 1.25rem; }
h1 { margin: 0 0 .35rem; font-size: 1.45rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance; }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; }
p { margin: 0 0 1rem; text-wrap: pretty; }
.card > :last-child { margin-bottom: 0; }
.row + p { margin-top: 1.25rem; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.bad { color: var(--bad); }
code, pre { font: .9em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: 0; padding: .7rem .9rem; background: var(--tint); border-radius: 9px; white-space: pre-wrap; }
button { font: inherit; cursor: pointer; border-radius: 10px; border: 1px solid var(--line); background: var(--card);
  color: var(--ink); padding: .6rem 1rem; }
button:hover { border-color: var(--accent); background: var(--tint); }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.main:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.people { display: grid; gap: .6rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.person { display: flex; gap: .85rem; align-items: center; width: 100%; padding: .7rem .85rem; text-align: left; }
.person span { display: block; }
.initials { flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid !important;
  place-items: center; background: var(--tint); color: var(--accent); font-weight: 700; font-size: .9rem; }
.name { font-weight: 600; }
fieldset { margin: 1.25rem 0 0; padding: 0; border: 0; }
legend, .label { display: block; padding: 0; margin: 0 0 .4rem; font-weight: 600; }
.choice { display: flex; gap: .6rem; align-items: flex-start; padding: .45rem 0; }
.choice input { margin: .3rem 0 0; accent-color: var(--accent); width: 1rem; height: 1rem; flex: none; }
input[type=text] { width: 100%; font: inherit; color: inherit; background: var(--paper); padding: .55rem .75rem;
  border: 1px solid var(--line); border-radius: 10px; }
.row { display: flex; flex-wrap: wrap; gap: .6rem; margin-top: 1.5rem; }
.row.even > * { flex: 1; }
.row form { margin: 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem .45rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; white-space: nowrap; }
"""

STYLE_SOURCE = "'sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode() + "'"
"""The stylesheet's hash, as a Content-Security-Policy names it."""
