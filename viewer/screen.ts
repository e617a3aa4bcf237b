/** What a screen is, and what is the same for all: the address it was asked at, reading its data, going elsewhere. */
import { AskError } from './api.ts';
import { el, replace } from './element.ts';
import { errorNotice, loadingNotice } from './notice.ts';
import { pageHeader } from './page-header.ts';

export interface Visit {
  readonly page: HTMLElement;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly navigate: (to: string) => void;
}

export type TakeDown = () => void;

/** Shows itself when the address is its own; undefined when it is another screen's. */
export type Screen = (visit: Visit) => TakeDown | undefined;

/** What is under way is asked for again after this long. */
const RUNNING_RETRY_MS = 1_000;

export interface Reading<T> {
  /** `Reading the run…` */
  readonly waiting: string;
  /** `This run cannot be shown` */
  readonly failed: string;
  ask(): Promise<T>;
  show(data: T): TakeDown;
  /** Shows what is under way until it has ended; without it, the page waits. */
  showRunning?(ended: () => void): TakeDown;
  /** Shows what is left when the spans are gone; without it, the sentence says that they are. */
  showDropped?(): TakeDown;
}

/** Says that it reads, then shows what came; what failed is said, with a way to try again. */
export function readAndShow<T>(page: HTMLElement, reading: Reading<T>): TakeDown {
  let takeDown: TakeDown = () => {};
  let stopped = false;
  const read = async (): Promise<void> => {
    try {
      const data = await reading.ask();
      if (!stopped) takeDown = reading.show(data);
    } catch (error) {
      if (!stopped) fail(error);
    }
  };
  const fail = (error: unknown): void => {
    const sentence = error instanceof Error ? error.message : String(error);
    if (error instanceof AskError && error.running && reading.showRunning) {
      takeDown = reading.showRunning(() => {
        takeDown();
        void read();
      });
      return;
    }
    if (error instanceof AskError && error.dropped && reading.showDropped) {
      takeDown = reading.showDropped();
      return;
    }
    if (error instanceof AskError && error.running) {
      showWaiting(page, sentence);
      const timer = setTimeout(() => void read(), RUNNING_RETRY_MS);
      takeDown = () => clearTimeout(timer);
      return;
    }
    const again = el('button', { type: 'button', on: { click: () => void read() } }, 'Try again');
    showError(page, reading.failed, sentence, again);
  };
  showWaiting(page, reading.waiting);
  void read();
  return () => {
    stopped = true;
    takeDown();
  };
}

function showWaiting(page: HTMLElement, sentence: string): void {
  const title = el('h1', { class: 'spoken' }, 'One moment');
  replace(page, pageHeader([runsLink()]), el('main', {}, title, loadingNotice(sentence)));
}

export function showError(
  page: HTMLElement,
  title: string,
  sentence: string,
  ...actions: HTMLElement[]
): void {
  const home = el('a', { class: 'button', href: '/', 'data-link': true }, 'All runs');
  replace(page, pageHeader([runsLink()]), el('main', {}, errorNotice(title, sentence, ...actions, home)));
}

export const runsLink = (): HTMLElement => el('a', { href: '/', 'data-link': true }, 'Runs');
