/** What the hosts' kernels add to a verdict: sentences of proof, empty when they saw nothing that matters. */
import { HOST_LANES, type HostLaneName } from '../model/host-lanes.ts';
import type { Layer } from '../model/layer.ts';
import type { Lane } from '../model/report.ts';
import type { Span } from '../model/trace.ts';
import { lanesNamed, meanOf, riseOf } from './lane-window.ts';
import { socketsOf } from './sockets.ts';
import { numberAt, type Tree } from './tree.ts';

/** Tasks stood still for half of the time: whatever was measured then is about twice as long as it need be. */
export const STARVED_PERCENT = 50;
/** The spans that had most of the time; the others add nothing to a sentence. */
const SPANS_JUDGED = 20;

const WAITED_FOR: readonly (readonly [HostLaneName, string])[] = [
  [HOST_LANES.cpuPressure, 'a CPU'],
  [HOST_LANES.memoryPressure, 'memory'],
  [HOST_LANES.ioPressure, 'a disk'],
];

/** Layers whose time is work on a host, and so grows when the host is short of something. */
const IS_WORK: ReadonlySet<Layer> = new Set(['browser', 'tls', 'lb', 'service', 'db', 'unknown']);

/** @param spans those that had the time, most first */
export function hostEvidence(layer: Layer, spans: readonly Span[], tree: Tree): string {
  const judged = spans.slice(0, SPANS_JUDGED);
  if (judged.length === 0) return '';
  if (layer === 'tcp') return firstPackets(judged, tree);
  return IS_WORK.has(layer) ? starvation(judged, tree) : '';
}

function starvation(spans: readonly Span[], tree: Tree): string {
  const sentences = WAITED_FOR.flatMap(([name, what]) =>
    lanesNamed(tree, name).flatMap((lane) => starved(lane, what, spans) ?? []),
  );
  return sentences.map((sentence) => ` ${sentence}`).join('');
}

function starved({ host, ...lane }: Lane, what: string, spans: readonly Span[]): string | undefined {
  const percent = meanOf({ host, ...lane }, spans) ?? 0;
  if (percent < STARVED_PERCENT) return undefined;
  return `On ${host}, tasks waited for ${what} during ${Math.round(percent)} % of that time.`;
}

/** A browser only suspects that its first packet was lost: by the time it took. The kernel counts. */
function firstPackets(spans: readonly Span[], tree: Tree): string {
  const sockets = [...new Set(spans.flatMap((span) => socketsOf(span, tree)))];
  const told = sockets.find((socket) => numberAt(socket.attributes, 'headwater.tcp.syn_retransmits'));
  if (told)
    return ` The kernel of ${told.component} confirms it: ${told.name} sent its first packet again ${times(numberAt(told.attributes, 'headwater.tcp.syn_retransmits')!)}.`;
  return lanesNamed(tree, HOST_LANES.synRetransmits)
    .map((lane) => ({ host: lane.host, count: riseOf(lane, spans) }))
    .filter(({ count }) => count > 0)
    .map(({ host, count }) => ` The kernel of ${host} sent first packets again ${times(count)} in that time.`)
    .join('');
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
