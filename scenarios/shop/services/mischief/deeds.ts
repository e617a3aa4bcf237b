/** Every deed by its name, and who does it before which route. */
import type { Asked, Reply, Routes } from '../http-service.ts';
import type { Ask } from '../service-client.ts';
import type { ShopData } from '../shop-store.ts';
import { askOneByOne } from './ask-one-by-one.ts';
import { askWithin } from './ask-within.ts';
import { block } from './block.ts';
import { runIntoDeadlock } from './deadlock.ts';
import { fail } from './fail.ts';
import { hang } from './hang.ts';
import { holdConnection } from './hold-connection.ts';
import { idle } from './idle.ts';
import { lag } from './lag.ts';
import { holdLock } from './lock-holder.ts';
import { MISCHIEF_VARIABLE, type Mischief } from './mischief.ts';
import { askMore, loopOverRows, timeLookup } from './more-statements.ts';
import { noteAudit } from './note-audit.ts';
import { pad } from './pad.ts';
import { starve } from './starve.ts';
import { useUpConnections } from './use-up-connections.ts';

/** What a service lends to all deeds. */
export interface ServiceTools {
  /** Asks the service behind this one. */
  readonly ask?: Ask;
  readonly hold?: ShopData['hold'];
  /** What the service asks of the database; missing in those that have none. */
  readonly shop?: ShopData;
}

/** What of the service a deed may use. */
export interface Tools extends ServiceTools {
  readonly asked: Asked;
}

export interface Deed {
  /** May return what is done to the answer afterwards. */
  (mischief: Mischief, tools: Tools): Promise<void> | Promise<(reply: Reply) => Reply>;
  /** Done during the warm-up, once, so that no visitor pays for what is not the deed itself. */
  readonly prepare?: (mischief: Mischief, tools: Tools) => Promise<void>;
}

const DEEDS: Readonly<Record<string, Deed>> = {
  askMore,
  askOneByOne,
  askWithin,
  block,
  fail,
  hang,
  holdConnection,
  holdLock,
  idle,
  lag,
  loopOverRows,
  noteAudit,
  pad,
  starve,
  runIntoDeadlock,
  timeLookup,
  useUpConnections,
};

export const isDeed = (name: string): boolean => Object.hasOwn(DEEDS, name);

/** The warm-up is no visitor: its requests say "not sampled". */
const isVisit = ({ headers }: Asked): boolean => !String(headers.traceparent ?? '').endsWith('-00');

const isHere = ({ instance }: Mischief): boolean =>
  instance === undefined || instance === process.env.OTEL_SERVICE_INSTANCE_ID;

/** The same routes; those that are named by mischief do it first, inside the span of the request. */
export function withMischief(routes: Routes, tools: ServiceTools): Routes {
  const planned = JSON.parse(process.env[MISCHIEF_VARIABLE] ?? '[]') as Mischief[];
  const spoilt = Object.entries(routes).map(([route, handle]): [string, Routes[string]] => {
    const mine = planned.filter((mischief) => mischief.route === route && isHere(mischief));
    if (mine.length === 0) return [route, handle];
    return [
      route,
      async (asked) => {
        if (isVisit(asked)) return spoil(handle, mine, { ...tools, asked });
        for (const mischief of mine) await prepare(mischief, { ...tools, asked });
        return handle(asked);
      },
    ];
  });
  return Object.fromEntries(spoilt);
}

async function spoil(handle: Routes[string], mine: readonly Mischief[], tools: Tools): Promise<Reply> {
  const changes: ((reply: Reply) => Reply)[] = [];
  for (const mischief of mine) {
    const change = await DEEDS[mischief.deed]!(mischief, tools);
    if (change) changes.push(change);
  }
  const reply = await handle(tools.asked);
  return changes.reduce((so, change) => change(so), reply);
}

const prepared = new Set<Mischief>();

async function prepare(mischief: Mischief, tools: Tools): Promise<void> {
  if (prepared.has(mischief)) return;
  prepared.add(mischief);
  await DEEDS[mischief.deed]!.prepare?.(mischief, tools);
}
