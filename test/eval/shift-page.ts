/** The figures of an evaluation of shifts as Markdown. Pure. */
import { formatDuration } from '../../src/model/time.ts';
import { type FaultTold, isRight } from './shift-faults.ts';
import { type Found, LATER, type Planting, type Quiet, SOON } from './shift-measure.ts';
import { wilson } from './statistics.ts';

export interface Figures {
  readonly set: string;
  readonly recorded: number;
  readonly world: string;
  readonly quiet: Quiet;
  readonly found: readonly (Planting & Found)[];
}

export function shiftTable(figures: readonly Figures[]): string {
  const quiet = figures.map(
    (each) => `| ${each.set} | ${each.world} | ${each.quiet.looks} | ${quietCells(each.quiet)} |`,
  );
  const found = figures.flatMap((each) => each.found.map((row) => foundLine(each, row)));
  return [
    '| runs | noise | quiet runs | false alarms | per 1 000 (95 % interval) | which |',
    '|---|---|---|---|---|---|',
    ...[...quiet, totalLine(figures)],
    '',
    `| runs | noise | past | shift | planted | told within ${SOON} | within ${LATER} | right layer | right step and cause | not within ${SOON} |`,
    '|---|---|---|---|---|---|---|---|---|---|',
    ...found,
  ].join('\n');
}

function quietCells({ looks, alarms }: Quiet): string {
  const { low, high } = wilson(alarms.length, looks);
  const perThousand = [alarms.length / looks, low, high].map((share) => (share * 1000).toFixed(2));
  const which = alarms.map(
    ({ layer, direction, partNs, after }) =>
      `${layer} ${direction} ${formatDuration(Math.abs(partNs))} in ${after.runs}`,
  );
  return `${alarms.length} | ${perThousand[0]} (${perThousand[1]}–${perThousand[2]}) | ${which.join('; ')}`;
}

function totalLine(figures: readonly Figures[]): string {
  const looks = figures.reduce((sum, { quiet }) => sum + quiet.looks, 0);
  const alarms = figures.flatMap(({ quiet }) => quiet.alarms);
  const cells = quietCells({ looks, alarms }).split('|').slice(0, 2).join('|');
  return `| **all** | | ${looks} | ${cells} | |`;
}

function foundLine({ set, world }: Figures, row: Planting & Found): string {
  const { past, ms, planted, soon, later, rightLayer, rightPart, missed } = row;
  const cells = [
    ...[set, world, past, `+${ms} ms`, planted],
    ...[share(soon, planted), share(later, planted), share(rightLayer, later), share(rightPart, later)],
    counted(missed),
  ];
  return `| ${cells.join(' | ')} |`;
}

const share = (hits: number, all: number): string =>
  all === 0 ? '–' : `${Math.round((hits / all) * 100)} %`;

function counted(names: readonly string[]): string {
  return [...new Set(names)]
    .map((name) => `${name} ${names.filter((other) => other === name).length}`)
    .join(', ');
}

/** How many real faults are told in the right layer after five runs, and what is told of the others. */
export function faultLines(told: readonly FaultTold[]): string {
  const wrong = told.filter((one) => !isRight(one));
  const lines = wrong.map(
    ({ fault, first }) =>
      `- ${fault.name} (${fault.expected.cause}): ${first ? first.sentence : 'nothing was told'}`,
  );
  return [
    `Real faults, five runs after they began: ${told.length - wrong.length} of ${told.length} told in the right layer first.`,
    ...lines,
  ].join('\n');
}

export const shiftPage = (
  figures: readonly Figures[],
  told: readonly FaultTold[],
  command: string,
): string => `# How well shifts are found

A shift is a layer of a step that takes longer, or shorter, than it used to: \`headwater normal JOURNEY\` tells it, and alerts
are made of it. This page is written by \`${command}\`; \`npm run eval:shift\` prints the same and writes nothing.

Rows of runs are drawn from recorded quiet runs of the demo (${[...new Set(figures.map(({ set, recorded }) => `${recorded} of ${set}`))].join(', ')}) on a
machine of two cores with other things to do, in stretches of five in a row on average, and the question is asked after **every** run. In the
loaded hours ten others wanted its two cores. The thresholds were chosen with rows of these two, drawn with other seeds. Those that are
*held out* were recorded afterwards, and had no part in it. *Quiet*: with nothing beside them. *Half quiet*: the quiet runs of
[accuracy.md](accuracy.md), ten at a time between runs with faults, and the machine compiled and tested beside half of them. *Busy*: those of
[alert-story.md](alert-story.md), beside other work for both cores.

- *recorded*: as they were, each part ± 3 %. *noisier*: each part ± 15 %, each run ± 5 %, an odd part in one run of 30. *busy*: noisier,
  and the machine has spells of some 8 runs in which everything takes 1.2 to 2 times as long.
- A planted shift adds its size ± 15 % to one part of one step (DNS, TCP, TLS, network, load balancer, services, database, the browser's main thread).
- Found means told as slower after that many runs of the changed journey; the layer is right when what is told first is the planted one.

${shiftTable(figures)}

${faultLines(told)}
There is one recording of each fault: it is repeated with noise, and what was odd in it by chance with it.

## What this says
- Promised are: found within 5 runs at 100 ms, the right layer in 95 %, one false alarm in 1 000 quiet runs at most. With nothing else
  on the machine that is kept, also by runs that had no part in choosing the thresholds. Where both cores are wanted by others, lookups, the network and
  the browser move by 30 to 200 ms by themselves: of 100 ms more in one of them, some are told only within 10 runs.
- With 25 runs before it, a change has less to stand out from. With fewer than 20 nothing is told.
- 30 to 50 ms in such a layer are told later, or not at all. Where a layer is steady (TLS, services, the database), they are told within 5 runs as well.
- What is told is right: another layer than the planted one hardly ever comes first.
- Where the machine itself changes for many runs, as it did in the half-quiet hour (the page's work took 372 ms in the median of one stretch, and 507 ms in
  another), that is told too, as a slower browser: it is counted as a false alarm here.
- A false alarm is a shift that was not told after the run before. Quiet rows of a pool of some fifty to a hundred runs repeat themselves: the
  interval is of chance alone, not of other machines.
`;
