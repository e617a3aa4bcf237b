/**
 * Every view and state of the viewer. An entry here is a live example of `npm run gallery`, is checked by axe in both
 * themes and on a phone, and, with `golden`, is a picture that the tests compare.
 */
import { RUN, type StockName } from './stocks.ts';

export interface Example {
  /** Also the name of its host (`ID.localhost`) and of its pictures. */
  readonly id: string;
  readonly title: string;
  readonly group: string;
  /** Address in the viewer. */
  readonly at: string;
  /** Selector of what stands there when it is ready. */
  readonly shows: string;
  /** What its server holds; every run by default. */
  readonly stock?: StockName;
  /** Journeys are scheduled there, relative to the hand-made runs. */
  readonly scheduled?: boolean;
  /** How its server answers: as it should by default. */
  readonly server?: 'broken' | 'silent';
  /** Keys pressed once it shows. */
  readonly keys?: readonly string[];
  readonly width?: number;
  /** Of its picture, where the usual one would cut off what it is about. */
  readonly height?: number;
  /** The themes in which its picture is compared. */
  readonly golden?: readonly ('light' | 'dark')[];
}

const BOTH = ['light', 'dark'] as const;
const LIGHT = ['light'] as const;
const PHONE_PX = 360;
const runs = { group: 'Runs', at: '/', shows: '.run-row' } as const;
const run = (traceId: string, query = '') => ({ group: 'Run', at: `/run/${traceId}${query}`, shows: '.row' });
const pipes = (traceId: string) => ({ group: 'Pipes', at: `/run/${traceId}/pipes`, shows: 'main.pipes svg' });
const compare = (a: string, b: string) => ({
  group: 'Compare',
  at: `/compare/${a}/${b}`,
  shows: 'main.compare',
});
const journey = { group: 'Journey', at: '/journey/checkout', shows: '.history svg' } as const;
/** What these are about stands below the chart. */
const goals = (name: string) => ({
  group: 'Journey',
  at: `/journey/${encodeURIComponent(name)}`,
  shows: '.goals h2',
  stock: 'goals' as const,
  height: 1_100,
});
const schedule = { group: 'Schedule', at: '/schedule', shows: '.schedule-table' } as const;
/** One kind of span each, in the panel. */
const panel = (selected: string) => ({
  ...run(RUN.shop, `?sel=${selected}`),
  group: 'Panel',
  shows: '.panel h2',
});
/** Positions in the hand-made run: test/fixtures/run-view.ts numbers its spans in hex. */
const hex = (n: number): string => n.toString(16).padStart(16, '0');

/** A stop of the walkthrough, counted from 1; the page's request (4) goes through more layers than the slow one. */
const walk = (traceId: string, stop = 1, request?: string) => ({
  group: 'Walkthrough',
  at: `/run/${traceId}/walk?stop=${stop}${request === undefined ? '' : `&req=${request}`}`,
  shows: '.walk-stop .sketch',
});

export const EXAMPLES: readonly Example[] = [
  { id: 'runs', title: 'Runs of every kind', ...runs, golden: BOTH },
  { id: 'runs-phone', title: 'On a phone', ...runs, width: PHONE_PX, golden: LIGHT },
  { id: 'runs-goals', title: 'Held against budgets', ...runs, stock: 'goals', golden: BOTH },
  {
    id: 'runs-goals-phone',
    title: 'Held against budgets, on a phone',
    ...runs,
    stock: 'goals',
    width: PHONE_PX,
    golden: LIGHT,
  },
  { id: 'runs-empty', title: 'None yet', ...runs, shows: '.commands', stock: 'empty', golden: LIGHT },
  { id: 'runs-loading', title: 'Being read', ...runs, shows: '[role=status]', server: 'silent' },
  {
    id: 'runs-error',
    title: 'Cannot be read',
    ...runs,
    shows: '[role=alert]',
    server: 'broken',
    golden: LIGHT,
  },

  { id: 'run-quiet', title: 'Nothing stands out (recorded)', ...run(RUN.realQuiet), golden: LIGHT },
  { id: 'run-lock', title: 'A lock in the database (recorded)', ...run(RUN.realLock), golden: BOTH },
  { id: 'run-failed', title: 'Failed (recorded)', ...run(RUN.realFailed), golden: LIGHT },
  { id: 'run-slow-db', title: 'A table read row by row', ...run(RUN.shop), golden: BOTH },
  { id: 'run-phone', title: 'On a phone', ...run(RUN.shop), width: PHONE_PX, golden: BOTH },
  { id: 'run-phone-failed', title: 'Failed, on a phone', ...run(RUN.failed), width: PHONE_PX, golden: LIGHT },
  { id: 'run-zoomed', title: 'A window of it', ...run(RUN.shop, '?t=900000000-1100000000'), golden: LIGHT },
  { id: 'run-search', title: 'Searched', ...run(RUN.shop, '?q=orders'), golden: LIGHT },
  { id: 'run-layer', title: 'One layer lit', ...run(RUN.shop, '?layer=service'), golden: LIGHT },
  { id: 'run-path', title: 'Critical path only', ...run(RUN.shop, '?path=1'), golden: LIGHT },
  { id: 'run-lanes', title: 'As lanes', ...run(RUN.shop, '?rows=lanes'), shows: '.lane-span', golden: BOTH },
  {
    id: 'run-lanes-path',
    title: 'As lanes, critical path only',
    ...run(RUN.realLock, '?rows=lanes&path=1'),
    shows: '.lane-span',
    golden: LIGHT,
  },
  {
    id: 'run-lanes-phone',
    title: 'As lanes, on a phone',
    ...run(RUN.shop, '?rows=lanes'),
    shows: '.layer-lane',
    width: PHONE_PX,
  },
  {
    id: 'run-lanes-hostile',
    title: 'As lanes, hostile names',
    ...run(RUN.hostile, '?rows=lanes'),
    shows: '.layer-lane',
  },
  {
    id: 'run-lanes-large',
    title: 'As lanes, 5 000 spans',
    ...run(RUN.many, '?rows=lanes'),
    stock: 'many',
    shows: '.layer-lane',
    golden: LIGHT,
  },
  { id: 'run-all-open', title: 'Every row open', ...run(RUN.shop), keys: ['e'] },
  { id: 'run-profiled', title: 'Hot functions known', ...run(RUN.profiled), stock: 'profiled' },
  { id: 'run-step-failed', title: 'A step failed', ...run(RUN.failed), golden: LIGHT },
  { id: 'run-hostile', title: 'Hostile names', ...run(RUN.hostile), golden: BOTH },
  { id: 'run-hostile-phone', title: 'Hostile names, on a phone', ...run(RUN.hostile), width: PHONE_PX },
  { id: 'run-one-span', title: 'One span', ...run(RUN.single), golden: LIGHT },
  { id: 'run-no-path', title: 'No critical path', ...run(RUN.pathless), golden: LIGHT },
  { id: 'run-no-spans', title: 'No spans', ...run(RUN.empty), shows: '[role=alert]', golden: LIGHT },
  { id: 'run-large', title: '5 000 spans', ...run(RUN.many), stock: 'many', keys: ['e', 'PageDown'] },
  {
    id: 'run-loading',
    title: 'Being read',
    ...run(RUN.shop),
    shows: '[role=status]',
    server: 'silent',
    golden: LIGHT,
  },
  { id: 'run-running', title: 'Under way', ...run(RUN.running), shows: 'main' },
  { id: 'run-unknown', title: 'Not there', ...run('9'.repeat(32)), shows: '[role=alert]', golden: LIGHT },
  { id: 'no-page', title: 'No such page', ...run(''), at: '/run/nowhere', shows: '[role=alert]' },
  { id: 'help', title: 'Help and keys', ...run(RUN.shop), shows: '.row', keys: ['?'], golden: BOTH },

  { id: 'panel-run', title: 'About the run', ...panel(''), keys: ['Home'] },
  { id: 'panel-step', title: 'A step', ...panel(hex(2)) },
  { id: 'panel-request', title: 'A request', ...panel(hex(4)), golden: BOTH },
  { id: 'panel-dns', title: 'A name lookup', ...panel(hex(5)) },
  { id: 'panel-tls', title: 'A TLS handshake', ...panel(hex(10)) },
  { id: 'panel-balancer', title: 'A load balancer', ...panel(hex(14)) },
  { id: 'panel-service', title: 'A service', ...panel(hex(17)) },

  { id: 'run-reported', title: 'Times as reported', ...run(RUN.realLock, '?raw=1'), golden: LIGHT },

  { id: 'pipes', title: 'A slow database', ...pipes(RUN.shop), golden: BOTH },
  { id: 'pipes-lock', title: 'A lock (recorded)', ...pipes(RUN.realLock), golden: LIGHT },
  { id: 'pipes-failed', title: 'Failed (recorded)', ...pipes(RUN.realFailed) },
  { id: 'pipes-phone', title: 'On a phone', ...pipes(RUN.shop), width: PHONE_PX, golden: LIGHT },
  { id: 'pipes-hostile', title: 'Hostile names', ...pipes(RUN.hostile) },
  { id: 'pipes-one-span', title: 'One span', ...pipes(RUN.single) },

  {
    id: 'compare',
    title: 'A lock, and a quiet run (recorded)',
    ...compare(RUN.realLock, RUN.realQuiet),
    golden: BOTH,
  },
  { id: 'compare-self', title: 'With itself', ...compare(RUN.shop, RUN.shop), golden: LIGHT },
  { id: 'compare-phone', title: 'On a phone', ...compare(RUN.realLock, RUN.realQuiet), width: PHONE_PX },
  { id: 'compare-hostile', title: 'Hostile names', ...compare(RUN.hostile, RUN.shop) },

  { id: 'journey', title: 'Its runs over time', ...journey, golden: BOTH },
  { id: 'journey-phone', title: 'On a phone', ...journey, width: PHONE_PX },
  { id: 'goals-kept', title: 'Within its budgets', ...goals('sign in'), golden: BOTH },
  { id: 'goals-over', title: 'Over its budgets', ...goals('checkout'), golden: BOTH },
  { id: 'goals-nearly-gone', title: 'Error budget nearly gone', ...goals('search'), golden: BOTH },
  { id: 'goals-none', title: 'No budget set', ...goals('browse'), golden: LIGHT },
  { id: 'goals-phone', title: 'Over its budgets, on a phone', ...goals('checkout'), width: PHONE_PX },

  { id: 'schedule', title: 'Of every kind', ...schedule, scheduled: true },
  { id: 'schedule-phone', title: 'On a phone', ...schedule, scheduled: true, width: PHONE_PX },
  { id: 'schedule-empty', title: 'Nothing yet', ...schedule, shows: '.empty-schedule' },

  { id: 'walk-overview', title: 'Where the time went', ...walk(RUN.shop), golden: BOTH },
  { id: 'walk-start', title: 'The step begins', ...walk(RUN.shop, 2) },
  { id: 'walk-reuse', title: 'A connection open already', ...walk(RUN.shop, 3), golden: LIGHT },
  { id: 'walk-queue', title: 'In line at the balancer', ...walk(RUN.shop, 5), golden: LIGHT },
  { id: 'walk-services', title: 'The services', ...walk(RUN.shop, 6), golden: LIGHT },
  { id: 'walk-database', title: 'The database, blamed', ...walk(RUN.shop, 8), golden: BOTH },
  { id: 'walk-page', title: 'Back in the page', ...walk(RUN.shop, 10) },
  { id: 'walk-sum', title: 'What it adds up to', ...walk(RUN.shop, 11), golden: LIGHT },
  { id: 'walk-dns', title: 'A name lookup', ...walk(RUN.shop, 4, hex(4)), golden: LIGHT },
  { id: 'walk-tcp', title: 'A connection, at the second try', ...walk(RUN.shop, 5, hex(4)), golden: BOTH },
  { id: 'walk-tls', title: 'Keys agreed', ...walk(RUN.shop, 6, hex(4)) },
  { id: 'walk-lock', title: 'A lock (recorded)', ...walk(RUN.realLock, 8) },
  { id: 'walk-failed', title: 'A failed run (recorded)', ...walk(RUN.realFailed), golden: LIGHT },
  { id: 'walk-hostile', title: 'Hostile names', ...walk(RUN.hostile, 2) },
  { id: 'walk-one-span', title: 'One span', ...walk(RUN.single) },
  { id: 'walk-phone', title: 'On a phone', ...walk(RUN.shop, 8), width: PHONE_PX, golden: LIGHT },
  {
    id: 'walk-unknown',
    title: 'No such request',
    ...walk(RUN.shop, 1, 'ffff'),
    shows: '[role=alert]',
    golden: LIGHT,
  },
];
