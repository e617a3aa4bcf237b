/**
 * Recordings that say what was done and not when: there is nothing in them to draw, and no time is made up for them. They
 * are run instead (`headwater replay`), so all that is read here is what they are.
 *
 * Chrome's Recorder: https://github.com/puppeteer/replay/blob/main/src/Schema.ts
 */

/** `{"title": …, "steps": [{"type": "navigate", …}]}`, keys in any order. */
const RECORDER = /^\s*\{(?=[\s\S]*"steps"\s*:\s*\[)(?![\s\S]*"log"\s*:\s*\{)[\s\S]*/;
const RECORDER_STEP =
  /"type"\s*:\s*"(navigate|click|doubleClick|hover|change|keyDown|keyUp|scroll|setViewport|emulateNetworkConditions|waitForElement|waitForExpression|customStep|close)"/;
const SCRIPT = /\b(from|require\()\s*['"](@playwright\/test|playwright(\/test)?|puppeteer(-core)?)['"]/;
const CURL = /^\s*(\$\s+)?curl(\.exe)?\s+\S/;

/** As a person calls it, with its article; undefined for what is none of these. */
export function untimedKind(head: string): string | undefined {
  if (RECORDER_STEP.test(head) && RECORDER.test(head)) return 'a recording of Chrome’s Recorder';
  if (SCRIPT.test(head)) return 'a browser script';
  return CURL.test(head) ? 'a curl command' : undefined;
}
