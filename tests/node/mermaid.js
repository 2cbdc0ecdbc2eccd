// Reads a JSON list of Mermaid texts on stdin; writes the list of Mermaid's verdicts: null, or what it minds.
import DOMPurify from "dompurify";
import { json } from "node:stream/consumers";

// Labels are cleaned with a browser's DOM, which Node has not. Whether a text parses does not depend on it.
DOMPurify.addHook = () => {};
DOMPurify.sanitize = (label) => label;

const { default: mermaid } = await import("mermaid");

async function verdict(text) {
  try {
    await mermaid.parse(text);
    return null;
  } catch (error) {
    return error.message;
  }
}

const verdicts = [];
for (const text of await json(process.stdin)) verdicts.push(await verdict(text));
console.log(JSON.stringify(verdicts));
