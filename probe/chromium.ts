/** Finds a Chromium on this machine. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright';

const NAMES = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];
const MAC_APPLICATIONS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of a Chromium: `HEADWATER_CHROMIUM`, else Playwright's own, else the system's; undefined when there is none. */
export async function findChromium(): Promise<string | undefined> {
  const chosen = process.env.HEADWATER_CHROMIUM;
  if (chosen) return isExecutable(chosen) ? chosen : undefined;
  return [playwrightsOwn(), ...onPath(), ...MAC_APPLICATIONS].find(
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

const onPath = (): string[] =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)));

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
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
