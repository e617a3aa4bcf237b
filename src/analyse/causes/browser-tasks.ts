/**
 * What the page's main thread was busy with. Scripts are judged by their own stretch of a task, not by the task:
 * ```
 * // task        |ParseHTML---------------------------|
 * // task_part       |run script /offers.js------|         the script's, and only this
 * ```
 */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { numberAt, type Tree, textAt, typeOf } from '../tree.ts';
import { lengthOf } from './amounts.ts';
import { pageRequestsOf, siteOf } from './page-requests.ts';
import type { Blame, Telling } from './rule.ts';

/**
 * A script that holds the thread longer than this is worth a word. Quiet pages stay below: on a machine with three
 * times more work than processors their longest was 20 ms.
 */
export const LONG_SCRIPT_NS = 40e6;
/** Scripts without an address are mostly not the page's: an extension's, or the tool's that drives the browser. */
export const LONG_NAMELESS_SCRIPT_NS = 100e6;
/** Work that no script asked for (parsing, style, drawing a large page); on a loaded machine quiet pages had 184 ms. */
export const PROBLEM_TASK_NS = 250e6;
/** A script that had the page laid out for this share of its time is slow because of that. */
const LAYOUT_SHARE = 0.5;

export function taskBlame(task: Span, tree: Tree): Blame {
  if (typeOf(task) === 'task_part') return partBlame(task, tree);
  return { cause: lengthOf(task) >= PROBLEM_TASK_NS ? 'browser.long_task' : 'browser.main_thread' };
}

function partBlame(part: Span, tree: Tree): Blame {
  const component = scriptOf(part, tree);
  const limitNs = component ? LONG_SCRIPT_NS : LONG_NAMELESS_SCRIPT_NS;
  if (lengthOf(part) < limitNs) return { cause: 'browser.main_thread' };
  const isLayout = layoutMs(part) * 1e6 >= lengthOf(part) * LAYOUT_SHARE;
  return {
    cause: isLayout ? 'browser.forced_layout' : 'browser.long_task',
    ...(component && { component }),
  };
}

/** `/offers.js` of the page's own site, `cdn.tags.example/tag.js` of another. */
function scriptOf({ attributes }: Span, tree: Tree): string | undefined {
  const url = textAt(attributes, 'url.full');
  const [, host, path] = /^\w+:\/\/([^/?#]+)([^?#]*)/.exec(url ?? '') ?? [];
  if (!host || !path) return url || undefined;
  const isOwn = pageRequestsOf(tree).ownSites.has(siteOf(host.replace(/:\d+$/, '')));
  return isOwn ? path : `${host}${path}`;
}

const msOf = (span: Span, work: string): number =>
  numberAt(span.attributes, `headwater.task.${work}_ms`) ?? 0;
const layoutMs = (part: Span): number => msOf(part, 'layout') + msOf(part, 'style');

const longest = (spans: readonly Span[]): Span => spans.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));

/** `/offers.js:12, in rank()`; the file alone where its own first line was the one that ran. */
function placeOf(span: Span, tree: Tree): string | undefined {
  const script = typeOf(span) === 'task_part' ? scriptOf(span, tree) : undefined;
  const called = textAt(span.attributes, 'code.function.name');
  const line = numberAt(span.attributes, 'code.line.number');
  if (!script || !called) return script;
  return `${script}${line === undefined ? '' : `:${line}`}, in ${called}()`;
}

const ranFor = (span: Span, tree: Tree): string =>
  `${placeOf(span, tree) ?? `"${span.name}"`} ran for ${formatDuration(lengthOf(span))} without a break`;

export const TASK_PROBLEMS: Readonly<Record<string, Telling>> = {
  'browser.long_task': {
    what: (_, spans, tree) => {
      const place = placeOf(longest(spans), tree);
      return place ? `the script ${place} kept the page busy` : "one task kept the page's main thread busy";
    },
    proof: (spans, tree) => `${ranFor(longest(spans), tree)}.`,
    next: () => 'Split the work, or move it off the main thread; record a CPU profile of this step.',
  },
  'browser.forced_layout': {
    what: (_, spans, tree) =>
      `the script ${placeOf(longest(spans), tree) ?? longest(spans).name} had the page laid out again and again`,
    proof: (spans, tree) =>
      `${ranFor(longest(spans), tree)}, and ${formatDuration(layoutMs(longest(spans)) * 1e6)} of that was style and layout.`,
    next: () =>
      'Let the script read all sizes first and change the page afterwards; each read after a change lays it out anew.',
  },
};
