/**
 * What a page says of itself while it runs: console errors and warnings, exceptions that nobody caught, layout shifts,
 * dialogs. Observes only. Texts are redacted and cut, and only the first of them are kept: a page may log for ever.
 * Protocol: Runtime, PerformanceTimeline, Page of https://chromedevtools.github.io/devtools-protocol/tot/
 */
import { type Fields, isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import { redactText } from '../../src/model/redact.ts';
import type { Attributes } from '../../src/model/span.ts';
import { type UnixNano, unixNanoFromMs } from '../../src/model/time.ts';
import type { UnixClock } from '../unix-clock.ts';
import type { CdpSession } from './cdp-session.ts';

export interface PageNews {
  /** `exception` as OpenTelemetry names it, `consoleError`, `layoutShift`, `dialog`, `download`. */
  readonly name: string;
  readonly timeUnixNano: UnixNano;
  readonly attributes: Attributes;
}

const MAX_TEXT = 500;
/** Of each name; what comes after is counted. */
const MAX_NEWS = 100;
/** Not a console call that anybody needs to see beside a waterfall. */
const CONSOLE_NAME: Readonly<Record<string, string>> = {
  error: 'consoleError',
  assert: 'consoleError',
  warning: 'consoleWarning',
};

export class PageRecorder {
  readonly news: PageNews[] = [];
  private readonly countByName = new Map<string, number>();
  private readonly clock: UnixClock;

  constructor(clock: UnixClock) {
    this.clock = clock;
  }

  /** A target that lacks one of the domains (a worker has no page) is watched for the others. */
  async enable(session: CdpSession): Promise<void> {
    session.on('Runtime.consoleAPICalled', (event) => this.logged(event));
    session.on('Runtime.exceptionThrown', (event) => this.threw(event));
    session.on('PerformanceTimeline.timelineEventAdded', ({ event }) => this.shifted(event));
    session.on('Page.javascriptDialogOpening', (event) => this.opened(event));
    const domains = [
      session.send('Runtime.enable'),
      session.send('PerformanceTimeline.enable', { eventTypes: ['layout-shift'] }),
      session.send('Page.enable'),
    ];
    await Promise.allSettled(domains);
  }

  /** Told by Playwright, which has no time of its own for it. */
  downloaded(suggestedName: string): void {
    this.add('download', this.clock.now(), { 'file.name': textIn(suggestedName) });
  }

  /** Names of which more came than were kept, with how many. */
  get dropped(): [string, number][] {
    return [...this.countByName].filter(([, count]) => count > MAX_NEWS);
  }

  private add(name: string, timeUnixNano: UnixNano, attributes: Attributes): void {
    const count = (this.countByName.get(name) ?? 0) + 1;
    this.countByName.set(name, count);
    if (count <= MAX_NEWS) this.news.push({ name, timeUnixNano, attributes });
  }

  private logged(event: Fields): void {
    const name = CONSOLE_NAME[textOf(event.type) ?? ''];
    const unixMs = numberOf(event.timestamp);
    if (!name || unixMs === undefined) return;
    const parts = Array.isArray(event.args) ? event.args.filter(isFields).map(wordsOf) : [];
    this.add(name, unixNanoFromMs(unixMs), {
      message: textIn(parts.join(' ')),
      ...placeIn(event.stackTrace),
    });
  }

  private threw(event: Fields): void {
    const unixMs = numberOf(event.timestamp);
    const details = event.exceptionDetails;
    if (unixMs === undefined || !isFields(details)) return;
    const thrown = isFields(details.exception) ? details.exception : {};
    const said = textOf(thrown.description) ?? wordsOf(thrown) ?? textOf(details.text) ?? '';
    this.add('exception', unixNanoFromMs(unixMs), {
      'exception.type': textOf(thrown.className) ?? 'Error',
      // The stack repeats addresses line by line: the first line is what was said.
      'exception.message': textIn(said.split('\n', 1)[0] ?? ''),
      ...placeIn(details.stackTrace),
    });
  }

  private shifted(event: unknown): void {
    if (!isFields(event) || !isFields(event.layoutShiftDetails)) return;
    const unixS = numberOf(event.time);
    const value = numberOf(event.layoutShiftDetails.value);
    if (unixS === undefined || !value) return;
    this.add('layoutShift', unixNanoFromMs(unixS * 1_000), {
      'headwater.layout_shift.value': value,
      // A person expects the page to move after what they did: such shifts do not count.
      'headwater.layout_shift.after_input': event.layoutShiftDetails.hadRecentInput === true,
    });
  }

  /** Without the text: it may repeat what was typed. */
  private opened(event: Fields): void {
    this.add('dialog', this.clock.now(), { 'headwater.dialog.type': textOf(event.type) ?? 'alert' });
  }
}

const textIn = (text: string): string => redactText(text.slice(0, MAX_TEXT * 2)).slice(0, MAX_TEXT);

/** A console argument as the console shows it; objects by their name, not by what is in them. */
function wordsOf(argument: Fields): string {
  const { value } = argument;
  if (value !== undefined && typeof value !== 'object') return String(value);
  return (textOf(argument.description) ?? textOf(argument.type) ?? '').split('\n', 1)[0] ?? '';
}

function placeIn(stack: unknown): Attributes {
  const frame = isFields(stack) && Array.isArray(stack.callFrames) ? stack.callFrames[0] : undefined;
  if (!isFields(frame) || !textOf(frame.url)) return {};
  const line = numberOf(frame.lineNumber);
  return {
    'code.file.path': redactText(textOf(frame.url) ?? ''),
    ...(line !== undefined && { 'code.line.number': line + 1 }),
    ...(textOf(frame.functionName) && { 'code.function.name': textOf(frame.functionName) ?? '' }),
  };
}
