/** Finds a Chromium on this machine. */
import { chromium } from 'playwright';
import { findProgram, isExecutable } from './program-path.ts';

const NAMES = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];
const MAC_APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a Chromium: `HEADWATER_CHROMIUM`, else Playwright's own, else the system's; undefined when there is none. */
export async function findChromium(): Promise<string | undefined> {
  const chosen = process.env.HEADWATER_CHROMIUM;
  if (chosen) return isExecutable(chosen) ? chosen : undefined;
  return [playwrightsOwn(), findProgram(...NAMES), ...MAC_APPLICATIONS].find(
    (path) => path !== undefined && isExecutable(path),
  );
}

function playwrightsOwn(): string | undefined {
  try {
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

/** What is thrown when a run needs a Chromium and there is none. */
export function noChromiumError(): Error & { code: 'no-chromium' } {
  const chosen = process.env.HEADWATER_CHROMIUM;
  const sentence = chosen
    ? `HEADWATER_CHROMIUM names "${chosen}", which is not a program that can be run.`
    : 'No Chromium was found. Run "npx headwater doctor --install", or set HEADWATER_CHROMIUM to the path of one.';
  return Object.assign(new Error(sentence), { code: 'no-chromium' as const });
}
