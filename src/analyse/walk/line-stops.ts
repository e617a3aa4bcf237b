/** Stops on the line between browser and servers: the browser's own queue, its cache, sending, waiting, and the way back. */
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { numberAt, type Tree, typeOf } from '../tree.ts';
import { conversation, extentOf } from './conversation.ts';
import { hostOf, type Scene, type StopMaker, spansIn, withEvidence } from './scene.ts';
import { bytes, named, numberOf, textOf, total } from './words.ts';

/** Why a browser holds a request back, by NetLog's name for it. */
const HELD: Readonly<Record<string, string>> = {
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP:
    'all six connections that a browser opens to one host were busy (over HTTP/1.1 each carries one request at a time)',
  SOCKET_POOL_STALLED_MAX_SOCKETS: 'the browser had as many connections open as it allows itself',
  HTTP2_SESSION_STALLED_MAX_STREAMS:
    'the server allows only so many requests at once, and all places were taken',
  HTTP_STREAM_JOB_THROTTLED:
    'a connection to this host was just being made, and the browser waited to share it',
  HTTP_STREAM_JOB_WAITING: 'the browser tried another way to the host first, such as HTTP/3',
  SOCKET_POOL: 'a connection was just being made, and it waited for that',
};

export const queueStop: StopMaker = (scene, own) => {
  const reasons = [...new Set(heldBy(own, scene.tree))];
  const ns = total(own);
  return {
    title: 'The browser’s own queue',
    sentences: [
      'A browser does not send everything at once: it puts requests in order, and keeps only a few connections to a host.',
      `This request stood there for ${formatDuration(ns)} in all.`,
      reasons.length > 0
        ? `The browser’s own record says why: ${reasons.join('; ')}.`
        : 'Nothing that was seen says why; the browser may have been busy with other things.',
    ],
    drawing: {
      kind: 'queue',
      who: 'this request',
      counter: 'a connection',
      waitedNs: ns,
      waits: own.map(withEvidence),
      startNs: scene.request.startNs,
      endNs: scene.request.endNs,
    },
  };
};

/** Of what held the request up only what lay in its own queue: it also stands in one while others set up. */
function heldBy(own: readonly Segment[], tree: Tree): string[] {
  const stalls = spansIn(own).flatMap((span) => [span, ...tree.childrenOf(span)]);
  const isDuring = (stall: Span) =>
    own.some((piece) => stall.startNs < piece.endNs && stall.endNs > piece.startNs);
  return stalls.filter(isDuring).flatMap((stall) => {
    const kind = textOf(stall, 'headwater.stall') ?? '';
    return Object.hasOwn(HELD, kind) ? HELD[kind]! : [];
  });
}

export const cacheStop: StopMaker = (_, own) => {
  const names = [...new Set(spansIn(own).map(({ name }) => named(name)))];
  return {
    title: 'The cache: no need to ask',
    sentences: [
      `The browser had the answer already (${names.join(', ')}): it was kept from before, and the network was not asked.`,
      `Fetching it from there took ${formatDuration(total(own))}.`,
    ],
  };
};

export const sendStop: StopMaker = (scene, own) => {
  const { request } = scene;
  const onWay = own.filter(({ span }) => span.evidence === 'inferred');
  const [startNs] = extentOf(own);
  const version = textOf(request, 'network.protocol.version');
  return {
    title: 'Sending the question',
    sentences: [
      `Now the browser writes its question on the line: ${named(request.name)}${sizeOf(request)}.`,
      version !== undefined && HTTP[version[0] ?? ''],
      `Until the first server had it, ${formatDuration(total(own))} went by.`,
      onWay.length > 0 && workedOut(total(onWay), total(own), scene),
    ],
    drawing: conversation(firstServer(scene), own, [
      { toRight: true, atNs: startNs, text: named(request.name, 40) },
    ]),
  };
};

const HTTP: Readonly<Record<string, string>> = {
  1: 'They speak HTTP/1.1, in which a connection carries one request at a time.',
  2: 'They speak HTTP/2, in which one connection carries many requests at the same time.',
  3: 'They speak HTTP/3, which runs over QUIC: connection and lock in one, and a lost packet holds up only its own request.',
};

function sizeOf({ attributes }: Span): string {
  const body = numberAt(attributes, 'http.request.body.size');
  return body ? `, with ${bytes(body)} of data` : '';
}

/** How well the time on the way is known: as well as the clocks of the two ends are known against each other. */
function workedOut(ns: Nanos, wholeNs: Nanos, { view, cut }: Scene): string {
  const what = ns < wholeNs ? `${formatDuration(ns)} of that nobody measured` : 'Nobody measured that';
  const how = 'it is worked out from when the one end sent and the other end got it';
  const server = [...(cut.get('lb') ?? []), ...(cut.get('service') ?? [])][0]?.span;
  const boundNs = view.trace.clocks.find(({ clock }) => clock === server?.clock)?.boundNs ?? 0;
  return boundNs > 0
    ? `${what}: ${how}, and their clocks are known against each other within ±${formatDuration(boundNs)} only.`
    : `${what}: ${how}.`;
}

function firstServer(scene: Scene): string {
  const server = [...(scene.cut.get('lb') ?? []), ...(scene.cut.get('service') ?? [])][0]?.span;
  return server ? named(server.component, 32) : hostOf(scene);
}

export const waitStop: StopMaker = (scene, own) => {
  const [startNs, endNs] = extentOf(own);
  const { request, view } = scene;
  const hints = view.report.coverage.filter(
    ({ layer, sources }) => sources.length === 0 && (layer === 'lb' || layer === 'service'),
  );
  const isBrowsers = typeOf(request) === 'request';
  return {
    title: 'Waiting for the answer',
    sentences: [
      isBrowsers
        ? `The question was out, and for ${formatDuration(total(own))} nothing came back.`
        : `For ${formatDuration(total(own))} nothing else was seen.`,
      `What happened meanwhile at ${hostOf(scene)} was not seen: no server behind it said anything of this request.`,
      hints.length > 0 && `To see inside: ${hints.flatMap(({ hint }) => hint ?? [])[0] ?? ''}`,
    ],
    drawing: conversation(hostOf(scene), own, [
      { toRight: true, atNs: startNs, text: named(request.name, 40) },
      { toRight: false, atNs: endNs, text: statusOf(request)?.short ?? 'the first byte' },
    ]),
  };
};

export const backStop: StopMaker = (scene, own) => {
  const { request } = scene;
  const status = statusOf(request);
  const size = numberOf(request, 'http.response.body.size') || numberOf(request, 'http.response.size');
  const download = own.filter(({ span }) => span.evidence !== 'inferred');
  const [, endNs] = extentOf(own);
  return {
    title: 'The way back',
    sentences: [
      status
        ? `The answer comes back: ${status.long}${size ? `, ${bytes(size)}` : ''}.`
        : 'The answer comes back.',
      `From the last that a server did until the browser had all of it, ${formatDuration(total(own))} went by.`,
      download.length > 0 && download.length < own.length
        ? `${formatDuration(total(download))} of that the browser saw itself; the rest is worked out from the two ends.`
        : undefined,
      request.status.code === 'error' &&
        `For the browser it failed${request.status.message ? `: ${named(request.status.message, 120)}` : ''}.`,
    ],
    drawing: conversation(firstServer(scene), own, [
      { toRight: false, atNs: endNs, text: status?.short ?? 'the answer' },
    ]),
  };
};

/** `status 404, which says that there is no such page` */
function statusOf(request: Span): { short: string; long: string } | undefined {
  const code = numberOf(request, 'http.response.status_code');
  if (code === undefined) return undefined;
  const meaning = STATUS[code] ?? STATUS_CLASS[Math.floor(code / 100)];
  return { short: `status ${code}`, long: `status ${code}${meaning ? `, which says ${meaning}` : ''}` };
}

const STATUS: Readonly<Record<number, string>> = {
  304: '“what you have is still right”',
  401: '“say who you are first”',
  403: '“you may not”',
  404: '“there is no such thing here”',
  429: '“you ask too often”',
  503: '“nobody is free or able to answer”',
  504: '“the one I asked did not answer in time”',
};
const STATUS_CLASS: Readonly<Record<number, string>> = {
  2: '“here it is”',
  3: '“ask at another address”',
  4: '“the question was wrong”',
  5: '“something went wrong on our side”',
};
