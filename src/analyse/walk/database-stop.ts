/** Stop: the database. What it was asked, how it went about it, and what it waited for. */
import { HEADWATER } from '../../model/attributes.ts';
import { formatDuration, type Nanos, nanosFromMs } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Drawing, PlanStep } from '../../model/walk.ts';
import { counted, grouped } from '../causes/amounts.ts';
import type { Segment } from '../segment.ts';
import { isDatabaseClient, type Tree, typeOf } from '../tree.ts';
import { extentOf } from './conversation.ts';
import { below, type Scene, type StopMaker, spansIn } from './scene.ts';
import { lengthInWords, named, numberOf, quoted, textOf, total } from './words.ts';

/** A plan of more steps is read in the waterfall. */
const STEPS_DRAWN = 10;
const STATEMENTS_DRAWN = 10;

/** What the steps of a plan do, by the beginning of their names in PostgreSQL. */
const STEP_MEANING: readonly (readonly [name: RegExp, meaning: string])[] = [
  [/^(Parallel )?Seq Scan/, 'it reads the table from the first row to the last'],
  [/^Index Only Scan/, 'it finds all that it needs in an index, like the register at the end of a book'],
  [
    /^(Index|Bitmap (Heap|Index)) Scan/,
    'it finds the rows by an index, like the register at the end of a book',
  ],
  [/^(Incremental )?Sort/, 'it puts the rows in order'],
  [/^Hash Join|^Nested Loop|^Merge Join/, 'it puts together what belongs together in two tables'],
  [/Aggregate|^Group/, 'it adds the rows up in groups'],
  [/^Limit/, 'it stops when it has enough rows'],
  [/^(Insert|Update|Delete|Merge|ModifyTable)/, 'it writes'],
];

export const databaseStop: StopMaker = (scene, own) => {
  const statements = statementsOf(scene, own);
  const [longest] = statements.toSorted((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs));
  const around = longest ?? spansIn(own)[0];
  if (!around) return undefined;
  const inside = [...below(around, scene.tree)];
  const nodes = inside.filter((span) => typeOf(span) === 'plan_node');
  const heavy = heaviest(nodes, scene.tree);
  const locks = spansIn(own).filter(({ attributes }) => attributes[HEADWATER.dbAct] === 'lock_wait');
  const failed = [...statements, ...inside].find(({ status }) => status.code === 'error');
  return {
    title: 'The database: where the data lies',
    sentences: [
      `The database (${named(around.component)}) keeps the data. It was asked ${counted(statements.length || 1, 'question')} here, and the request waited ${formatDuration(total(own))} for it.`,
      longest &&
        `${statements.length > 1 ? 'The longest' : 'It'} took ${lengthInWords(longest)}: ${quoted(textOf(longest, 'db.query.text') ?? longest.name)}.`,
      ...locks.slice(0, 1).map(lockWords),
      heavy ? planWords(nodes.length, heavy) : (transactionWords(around) ?? unseenInside(inside, scene)),
      failed && `It failed: ${named(failed.status.message ?? 'no reason was given', 140)}.`,
    ],
    shown:
      locks[0] ??
      (heavy && (heavy.endNs - heavy.startNs) * 2 > around.endNs - around.startNs ? heavy : around),
    about: [...statements, ...inside],
    drawing: nodes.length > 0 ? planDrawing(around, nodes, scene.tree) : statementBars(statements, own),
  };
};

/** The questions of this request, as those who asked saw them; else as the database did. */
function statementsOf({ request, tree }: Scene, own: readonly Segment[]): Span[] {
  const all = [...below(request, tree)].filter(({ layer }) => layer === 'db');
  const asked = all.filter((span) => typeOf(span) === undefined && isDatabaseClient(span));
  const found =
    asked.length > 0
      ? asked
      : all.filter((span) => typeOf(span) === 'db_server' && tree.parentOf(span)?.layer !== 'db');
  return found.length > 0 ? found.sort((a, b) => a.startNs - b.startNs) : spansIn(own).slice(0, 1);
}

function lockWords(lock: Span): string {
  const holder = textOf(lock, 'postgresql.blocker.application_name');
  const last = textOf(lock, 'postgresql.blocker.last_statement');
  const who = holder === undefined ? 'somebody else' : named(holder);
  const did = last === undefined ? '' : `, whose last statement was ${quoted(last)}`;
  return `For ${lengthInWords(lock)} it stood still: ${who} had locked the same data${did}. A lock lets one change at a time.`;
}

/** The step that had most time of its own. */
function heaviest(nodes: readonly Span[], tree: Tree): Span | undefined {
  const ownNs = new Map(nodes.map((node) => [node, ownNsOf(node, tree)]));
  return nodes.toSorted((a, b) => (ownNs.get(b) ?? 0) - (ownNs.get(a) ?? 0))[0];
}

/** What the database says itself; else its time without that of the steps below it. */
function ownNsOf(node: Span, tree: Tree): Nanos {
  const selfMs = numberOf(node, 'postgresql.plan.self_ms');
  if (selfMs !== undefined) return nanosFromMs(selfMs);
  const children = tree.childrenOf(node).filter((child) => typeOf(child) === 'plan_node');
  return Math.max(0, node.endNs - node.startNs - total(children));
}

function planWords(count: number, heavy: Span): string {
  const meaning = STEP_MEANING.find(([name]) => name.test(heavy.name))?.[1];
  const { rows, removed } = rowsOf(heavy);
  const kept =
    removed === undefined
      ? rows === undefined
        ? ''
        : ` and gave ${counted(rows, 'row').replace(String(rows), grouped(rows))}`
      : `: ${grouped(removed + (rows ?? 0))} rows were read and ${grouped(rows ?? 0)} kept`;
  const plan =
    count === 1 ? 'Its plan is one step,' : `Its plan has ${count} steps, of which the heaviest is`;
  return `${plan} “${named(heavy.name)}”${meaning ? ` (${meaning})` : ''}${kept}.`;
}

/** PostgreSQL tells rows of one turn; all turns together are what was read. */
function rowsOf(node: Span): { rows?: number; removed?: number } {
  const loops = numberOf(node, 'postgresql.plan.loops') ?? 1;
  const rows =
    numberOf(node, 'postgresql.plan.total_rows') ?? times(numberOf(node, 'postgresql.plan.rows'), loops);
  const removed = times(numberOf(node, 'postgresql.plan.rows_removed_by_filter'), loops);
  return { ...(rows !== undefined && { rows }), ...(removed && { removed }) };
}

const times = (count: number | undefined, loops: number): number | undefined =>
  count === undefined ? undefined : Math.round(count * loops);

/** Statements without a plan: they begin and end a transaction. */
function transactionWords(statement: Span): string | undefined {
  const text = textOf(statement, 'db.query.text') ?? '';
  if (/^\s*COMMIT\b/i.test(text))
    return 'COMMIT makes the changes of a transaction last: they are written to disk before it answers.';
  if (/^\s*(BEGIN|START TRANSACTION)\b/i.test(text))
    return 'BEGIN opens a transaction, a bundle of changes that are all made or not at all; there is no plan for it.';
  return undefined;
}

function unseenInside(inside: readonly Span[], { view }: Scene): string | undefined {
  if (inside.some((span) => typeOf(span) === 'db_server'))
    return 'By which plan it found the rows, it did not say.';
  const hint = view.report.coverage.find(({ layer }) => layer === 'db')?.hint;
  return `What it did inside was not seen: only its caller told of it.${hint ? ` ${hint}` : ''}`;
}

function planDrawing(statement: Span, nodes: readonly Span[], tree: Tree): Drawing {
  const depthOf = new Map<Span, number>();
  const steps: PlanStep[] = nodes.map((node) => {
    const parent = tree.parentOf(node);
    const depth = ((parent && depthOf.get(parent)) ?? -1) + 1;
    depthOf.set(node, depth);
    const ns = node.endNs - node.startNs;
    return { label: named(node.name, 48), depth, ns, ownNs: ownNsOf(node, tree), ...rowsOf(node) };
  });
  return {
    kind: 'plan',
    statement: named(textOf(statement, 'db.query.text') ?? statement.name, 160),
    steps: steps.slice(0, STEPS_DRAWN),
    left: Math.max(0, steps.length - STEPS_DRAWN),
  };
}

function statementBars(statements: readonly Span[], own: readonly Segment[]): Drawing {
  const [startNs, endNs] = extentOf(own);
  const shown = statements.slice(0, STATEMENTS_DRAWN);
  return {
    kind: 'bars',
    startNs: Math.min(startNs, ...shown.map((span) => span.startNs)),
    endNs: Math.max(endNs, ...shown.map((span) => span.endNs)),
    bars: shown.map((span) => ({
      label: named(textOf(span, 'db.query.text') ?? span.name, 48),
      layer: span.layer,
      depth: 0,
      startNs: span.startNs,
      endNs: span.endNs,
      evidence: span.evidence,
    })),
    left: statements.length - shown.length,
  };
}
