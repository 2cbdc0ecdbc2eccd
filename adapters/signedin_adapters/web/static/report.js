// @ts-check
/** Owns fetching the report: a file that the server makes without any secret, and the browser keeps. */
import { element } from "./element.js";
import { tell } from "./voice.js";

const NAME = "signedin-report.zip";

/**
 * Fetch it, and let the browser keep it.
 * @param {import("./session.js").Session} session
 */
export async function download(session) {
  const answer = await session.send("./report");
  const href = URL.createObjectURL(await answer.blob());
  const link = element("a", { href, download: nameOf(answer) ?? NAME });
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(href);
  tell("The report is downloaded.");
}

/** What the server calls the file. @param {Response} answer */
function nameOf(answer) {
  const found = /filename="?([\w.-]+)"?/.exec(answer.headers.get("content-disposition") ?? "");
  return found?.[1] ?? null;
}
