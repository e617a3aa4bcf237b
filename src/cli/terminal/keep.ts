/** What a store takes on the disk, and what goes of it, told in a terminal. Returns text. */
import type { DiskUse, Drop, DroppedBy, KeepPolicy, KeptPart } from '../../model/keeping.ts';
import { formatBytes } from '../../model/size-text.ts';
import type { Colours } from './colour.ts';

export interface Going {
  readonly part: KeptPart;
  readonly by: DroppedBy;
  readonly runs: number;
  readonly bytes: number;
}

/** What goes by the same reason in one; in the order in which it goes. */
export function goingOf(drops: readonly Drop[]): Going[] {
  const going = new Map<string, Going>();
  for (const { part, by, bytes } of drops) {
    const known = going.get(`${part} ${by}`);
    going.set(`${part} ${by}`, {
      part,
      by,
      runs: (known?.runs ?? 0) + 1,
      bytes: (known?.bytes ?? 0) + bytes,
    });
  }
  return [...going.values()];
}

/** `87 MB of 5 GB on the disk (2 %)` */
export const storeText = ({ file, log, limit }: DiskUse): string =>
  `${formatBytes(file + log)} of ${formatBytes(limit)} on the disk (${Math.round((100 * (file + log)) / limit)} %)`;

export function renderUse(use: DiskUse, colours: Colours): string {
  const { file, log, free, parts, runs } = use;
  const rest = Math.max(0, file - free - parts.files - parts.spans - parts.report);
  return [
    colours.bold(storeText(use)),
    line('spans', parts.spans, `of ${counted(runs.spans, 'trace')}`),
    line('files', parts.files, `of ${counted(runs.files, 'trace')}: pictures, logs, samples of hosts`),
    line('reports', parts.report, `of ${counted(runs.report, 'run')}`),
    line('rows', rest, `of ${counted(runs.summary, 'run')}, and indexes: never dropped`),
    line('free', free, 'to be used again'),
    line('log', log, 'written, not yet in its place'),
  ].join('\n');
}

const line = (what: string, bytes: number, of: string): string =>
  `  ${what.padEnd(8)} ${formatBytes(bytes).padStart(8)}  ${of}`;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const WHOSE: Readonly<Record<KeptPart, string>> = { files: 'files', spans: 'spans', report: 'report' };

export function renderGoing(going: readonly Going[], policy: KeepPolicy, isDone: boolean): string {
  if (going.length === 0) return 'Nothing has to go.';
  const lines = going.map(
    ({ part, by, runs, bytes }) =>
      `  ${WHOSE[part].padEnd(8)} ${formatBytes(bytes).padStart(8)}  of ${counted(runs, 'trace')}: ${reasonText(by, policy)}`,
  );
  return [isDone ? 'Dropped:' : 'Would be dropped:', ...lines].join('\n');
}

function reasonText(by: DroppedBy, { days, failedDays, ordinary, sizeBytes }: KeepPolicy): string {
  const reasons: Readonly<Record<DroppedBy, string>> = {
    days: `ordinary, and older than ${days} days (keep.days)`,
    failedDays: `older than ${failedDays} days (keep.failedDays)`,
    ordinary: `ordinary, and not in the ${Math.round(100 * ordinary)} % that are kept (keep.ordinary)`,
    size: `the store nears ${formatBytes(sizeBytes)} (keep.size)`,
  };
  return reasons[by];
}
