/** Stops at the servers: the load balancer, the services, and their pool of database connections. */
import { HEADWATER } from '../../model/attributes.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { DrawnBar } from '../../model/walk.ts';
import { counted } from '../causes/amounts.ts';
import type { Segment } from '../segment.ts';
import { isDatabaseClient, type Tree, typeOf } from '../tree.ts';
import { below, type Scene, type StopMaker, spansIn, withEvidence } from './scene.ts';
import { lengthInWords, listed, named, numberOf, shareOf, textOf, total } from './words.ts';

/** More rows than this are a waterfall, and there is one already. */
const BARS_DRAWN = 12;

export const balancerStop: StopMaker = (scene, own) => {
  const proxies = proxiesOf(own, scene.tree);
  const proxy = proxies[0];
  if (!proxy) return undefined;
  const who = named(proxy.component);
  const queues = own.filter(({ span }) => typeOf(span) === 'proxy_phase' && /queue/i.test(span.name));
  const ns = total(own);
  return {
    title: 'The load balancer: who takes it?',
    sentences: [
      `A load balancer stands before the servers and hands each request to one that is free: here ${who}${passedTo(proxy)}.`,
      queueWords(queues, proxy),
      handWords(proxy, ns),
      triesOf(proxy),
      proxy.status.code === 'error' &&
        `It ended badly: ${named(proxy.status.message ?? 'no reason was given', 140)}.`,
    ],
    shown: queues.toSorted(longestFirst)[0]?.span ?? proxy,
    about: proxies,
    drawing:
      queues.length > 0
        ? {
            kind: 'queue',
            who: named(scene.request.name, 32),
            counter: named(textOf(proxy, 'haproxy.server') ?? 'a free server', 32),
            waitedNs: total(queues),
            waits: queues.map(withEvidence),
            startNs: scene.request.startNs,
            endNs: scene.request.endNs,
            ...aheadOf(proxy),
          }
        : barsOf(proxy, scene, (span) => /^proxy/.test(typeOf(span) ?? '') || span.kind === 'server'),
  };
};

function handWords(proxy: Span, ns: Nanos): string {
  const inHand = `It had the request in hand for ${lengthInWords(proxy)}`;
  const wholeNs = proxy.endNs - proxy.startNs;
  if (ns >= wholeNs) return `${inHand}, and nobody else was seen to have a part in that.`;
  return `${inHand}; ${formatDuration(ns)} of that (${shareOf(ns, wholeNs)}) was its own part, the rest it waited for those behind it.`;
}

const longestFirst = (a: Segment, b: Segment): number => b.endNs - b.startNs - (a.endNs - a.startNs);

function proxiesOf(own: readonly Segment[], tree: Tree): Span[] {
  const found = spansIn(own).map((span) => {
    let top = span;
    for (let at: Span | undefined = span; at?.layer === 'lb'; at = tree.parentOf(at)) top = at;
    return top;
  });
  return [...new Set(found)].filter(({ layer }) => layer === 'lb').sort((a, b) => a.startNs - b.startNs);
}

function passedTo(proxy: Span): string {
  const server = textOf(proxy, 'haproxy.server') ?? textOf(proxy, 'server.address');
  if (server === undefined || /^</.test(server)) return '';
  const hasFailed = proxy.status.code === 'error' || textOf(proxy, HEADWATER.proxyEnding) !== undefined;
  return hasFailed ? `, which last tried ${named(server)}` : `, which passed it on to ${named(server)}`;
}

function queueWords(queues: readonly Segment[], proxy: Span): string | undefined {
  if (queues.length > 0) {
    const ahead = aheadOf(proxy).ahead;
    const behind = ahead ? `; ${counted(ahead, 'other request')} had a place before it` : '';
    return `No server was free, so it waited ${formatDuration(total(queues))} in line${behind}.`;
  }
  return numberOf(proxy, 'haproxy.queue_ms') === 0 ? 'It did not have to wait in line.' : undefined;
}

function aheadOf(proxy: Span): { ahead?: number } {
  const positions = ['haproxy.server_queue_position', 'haproxy.backend_queue_position'].map((key) =>
    numberOf(proxy, key),
  );
  const ahead = positions.find((position) => position);
  return ahead === undefined ? {} : { ahead };
}

function triesOf(proxy: Span): string | undefined {
  const tries = numberOf(proxy, 'headwater.proxy.tries') ?? 1;
  return tries > 1 ? `It had to try ${counted(tries, 'server')} before it was done.` : undefined;
}

export const serviceStop: StopMaker = (scene, own) => {
  const spans = spansIn(own).filter(({ layer }) => layer === 'service');
  const said = spans.filter((span) => typeOf(span) === 'server_timing');
  const byName = ownTimes(own);
  const top = spans.find((span) => span.kind === 'server') ?? spans[0];
  const [first] = byName;
  const onWay = own.filter(({ span }) => span.layer !== 'service');
  const failed = failedBelow(scene);
  return {
    title:
      byName.length > 1 ? 'The services: programs that do the work' : 'The service: a program does the work',
    sentences: [
      byName.length > 1
        ? `A service is a program that does one part of the work. ${counted(byName.length, 'service')} had time of their own here: ${listed(byName.map(([name]) => name))}.`
        : `A service is a program that does the work${first ? `; here it is ${first[0]}` : ''}.`,
      first &&
        `${byName.length > 1 ? `Most of that was ${first[0]}’s` : 'Its own part'}: ${formatDuration(first[1])} that no call to another explains.`,
      callsOf(scene),
      pausesOf(own),
      onWay.length > 0 &&
        `${formatDuration(total(onWay))} went by on the ways between the servers, or was seen by nobody.`,
      said.length > 0 &&
        said.length === spans.length &&
        'Only the server’s own word in its answer’s headers says so (Server-Timing): how long, not when.',
      failed &&
        `${named(failed.component)} failed at “${named(failed.name)}”${failed.status.message ? `: ${named(failed.status.message, 100)}` : ''}.`,
    ],
    shown: own.filter(({ span }) => span.layer === 'service').toSorted(longestFirst)[0]?.span,
    about: spans,
    drawing: top && barsOf(topService(top, scene), scene, isCallOrWork),
  };
};

/** Time of its own by service, most first. */
function ownTimes(own: readonly Segment[]): [name: string, ns: Nanos][] {
  const times = new Map<string, Nanos>();
  for (const { span, startNs, endNs } of own)
    if (span.layer === 'service')
      times.set(named(span.component), (times.get(named(span.component)) ?? 0) + endNs - startNs);
  return [...times].sort((a, b) => b[1] - a[1]);
}

/** The outermost service's span: the drawing shows what all of them did. */
function topService(span: Span, { tree, request }: Scene): Span {
  let top = span;
  for (let at: Span | undefined = span; at && at !== request; at = tree.parentOf(at))
    if (at.layer === 'service') top = at;
  return top;
}

function callsOf({ request, tree }: Scene): string | undefined {
  let [calls, statements] = [0, 0];
  for (const span of below(request, tree)) {
    if (typeOf(span) === undefined && isDatabaseClient(span)) statements++;
    else if (span.kind === 'client' && span.layer === 'service' && span.name && !/pool/i.test(span.name))
      calls++;
  }
  if (calls + statements === 0) return undefined;
  const parts = [
    calls > 0 ? counted(calls, 'call to another service', 'calls to other services') : '',
    statements > 0 ? counted(statements, 'question to a database', 'questions to a database') : '',
  ].filter(Boolean);
  return `To answer, ${parts.join(' and ')} ${calls + statements === 1 ? 'was' : 'were'} made.`;
}

/** Between the tries of a call that failed, who calls waits on purpose. */
function pausesOf(own: readonly Segment[]): string | undefined {
  const pauses = own.filter(({ span }) => typeOf(span) === 'backoff');
  if (pauses.length === 0) return undefined;
  const who = named(pauses[0]!.span.component);
  return `${formatDuration(total(pauses))} of it ${who} did nothing: a call had failed, and it paused before it tried again.`;
}

/** The deepest that failed: the others failed because of it. */
function failedBelow({ request, tree }: Scene): Span | undefined {
  let deepest: Span | undefined;
  for (const span of below(request, tree))
    if (
      span.layer === 'service' &&
      span.status.code === 'error' &&
      (!deepest || span.startNs >= deepest.startNs)
    )
      deepest = span;
  return deepest;
}

const isCallOrWork = (span: Span): boolean =>
  (span.layer === 'service' || (span.layer === 'db' && typeOf(span) === undefined)) &&
  typeOf(span) !== 'server_timing';

/** The spans below one that pass, as bars: the longest of them, in the order of the tree. */
function barsOf(top: Span, { tree }: Scene, passes: (span: Span) => boolean) {
  const bars: (DrawnBar & { ns: Nanos })[] = [];
  const waiting: { span: Span; depth: number }[] = [{ span: top, depth: 0 }];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const isDrawn = passes(at.span) || at.span === top;
    if (isDrawn) bars.push({ ...barOf(at.span, at.depth), ns: at.span.endNs - at.span.startNs });
    const depth = at.depth + (isDrawn ? 1 : 0);
    const children = [...tree.childrenOf(at.span)].sort((a, b) => b.startNs - a.startNs);
    waiting.push(...children.map((span) => ({ span, depth })));
  }
  const kept = new Set(bars.toSorted((a, b) => b.ns - a.ns).slice(0, BARS_DRAWN));
  return {
    kind: 'bars' as const,
    startNs: top.startNs,
    endNs: top.endNs,
    bars: bars.filter((bar) => kept.has(bar)).map(({ ns: _, ...bar }) => bar),
    left: bars.length - kept.size,
  };
}

const barOf = ({ name, component, layer, startNs, endNs, evidence }: Span, depth: number): DrawnBar => ({
  label: `${named(component, 28)}: ${named(name, 36)}`,
  layer,
  depth,
  startNs,
  endNs,
  evidence,
});

export const poolStop: StopMaker = ({ request }, own) => {
  const spans = spansIn(own);
  const longest = own.toSorted(longestFirst)[0];
  if (!longest) return undefined;
  const who = named(longest.span.component);
  return {
    title: 'The connection pool: a free line to the database',
    sentences: [
      `To speak with a database a service needs a connection, and keeps a small stock of them: the pool.`,
      spans.length === 1
        ? `${who} waited ${formatDuration(total(own))} until it had one.`
        : `Services waited for one ${counted(spans.length, 'time')}, ${formatDuration(total(own))} together; the longest wait was ${who}’s, ${lengthInWords(longest.span)}.`,
    ],
    shown: longest.span,
    drawing: {
      kind: 'queue',
      who,
      counter: 'a database connection',
      waitedNs: longest.span.endNs - longest.span.startNs,
      waits: [withEvidence({ ...longest, startNs: longest.span.startNs, endNs: longest.span.endNs })],
      startNs: request.startNs,
      endNs: request.endNs,
    },
  };
};
