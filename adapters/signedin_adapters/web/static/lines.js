// @ts-check
/** Owns reading an answer of lines, each of them JSON, as they come. */

/**
 * What an answer tells, piece by piece.
 * @param {Response} answer
 * @returns {AsyncGenerator<any>}
 */
export async function* linesOf(answer) {
  const reader = /** @type {ReadableStream} */ (answer.body).pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line) yield JSON.parse(line);
  }
}
