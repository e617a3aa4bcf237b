/**
 * Many reports of one trace → one tree on one clock. Pure, in named steps, each in its own file:
 * read (de-duplicate · recognise proxies · named traces · strangers · order) · link by ids · statements · proxies · sockets of hosts ·
 * lost context · clocks · align · attempts · residuals.
 */
import { inScratch } from '../model/column-memory.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';
import { SpanTable, traceOver } from '../model/span-table.ts';
import type { Trace } from '../model/trace.ts';
import { joinStrangers } from './adopt.ts';
import { align } from './align.ts';
import { groupAttempts } from './attempts.ts';
import { Cast } from './cast.ts';
import { alignClocks } from './clock-offset.ts';
import { placeHostConnections } from './host-connections.ts';
import { link } from './link.ts';
import { lostContext } from './lost-context.ts';
import { joinNamed } from './named-traces.ts';
import { parentsFirst } from './parents-first.ts';
import { placeProxies } from './proxies.ts';
import { type Read, readReports } from './read-reports.ts';
import { addResiduals } from './residuals.ts';
import { placeStatements } from './statements.ts';

/**
 * @param reported every span that names one trace id, in any order, duplicates allowed
 * @returns undefined when there is nothing to stitch
 */
export function stitch(
  reported: readonly ReportedSpan[],
  earlier: readonly Warning[] = [],
): Trace | undefined {
  // its steps have the same memory one after the other
  return inScratch(() => stitchAll(reported, earlier));
}

function stitchAll(reported: readonly ReportedSpan[], earlier: readonly Warning[]): Trace | undefined {
  const { read, warnings: joining } = whoseReports(reported);
  if (!read) return undefined;
  const { table, hasOffers, origin } = read;
  const root = table.draft(read.root);

  const linking = link(read);
  const byStart = new Cast(table, read.byStart);
  const { cast, warnings: placing } = placeStatements(byStart, root, hasOffers);
  placeProxies(cast);
  placeHostConnections(cast, root);
  const lost = lostContext(cast, hasOffers);
  const clocks = alignClocks(cast, root);
  const aligned = new Cast(table, parentsFirst(cast, root.row));
  align(aligned, clocks.moveByClock);
  groupAttempts(aligned);
  addResiduals(aligned);
  const order = parentsFirst(aligned.withInferred(read.byStart.length), root.row);
  return traceOver(new SpanTable(table.columns(order), origin, table.placesById(order, read.naming)), {
    traceId: root.report.traceId,
    originUnixNano: String(origin),
    rootId: root.spanId,
    clocks: clocks.offsets,
    warnings: [...earlier, ...joining, ...linking, ...placing, ...lost, ...clocks.warnings],
  });
}

/** With load balancers recognised, and what was only offered to this trace joined or taken away. */
function whoseReports(reported: readonly ReportedSpan[]): { read?: Read; warnings: readonly Warning[] } {
  if (reported.length === 0) return { warnings: [] };
  const read = readReports(reported);
  if (!read.hasOffers) return { read, warnings: [] };
  const reports = Array.from(read.byStart, (row) => read.table.reports[row]!);
  const named = joinNamed(reports);
  const joined = joinStrangers(named.reports);
  const warnings = [...named.warnings, ...joined.warnings];
  if (joined.reports === reports) return { read, warnings };
  if (joined.reports.length === 0) return { warnings };
  return { read: readReports(joined.reports), warnings };
}
