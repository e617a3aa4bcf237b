/** What a draft can be to others; several at once. */
import type { SpanType } from '../model/attributes.ts';
import type { ReportedSpan } from '../model/span.ts';

export const ROLE = {
  /** Reported as `server`. */
  server: 1,
  proxy: 2,
  /** A database's own report. */
  statement: 4,
  phase: 8,
  /** A socket as a host's kernel saw it. */
  socket: 16,
  /** Part of the page or of the journey: told by the probe and its browser. */
  page: 32,
  /** Reported as `client`, by a program that says no more of what it is. */
  call: 64,
  /** A call that failed, or that its client sent again. */
  troubled: 128,
  /** Reported as `client`, whatever it is. */
  client: 256,
  request: 512,
} as const;

const ROLE_OF_TYPE: Readonly<Partial<Record<SpanType, number>>> = {
  proxy: ROLE.proxy,
  db_server: ROLE.statement,
  phase: ROLE.phase,
  host_connection: ROLE.socket,
  step: ROLE.page,
  action: ROLE.page,
  task: ROLE.page,
  request: ROLE.page | ROLE.request,
};

export function roleOf(type: SpanType | undefined, report: ReportedSpan): number {
  const { kind } = report;
  const byType = type === undefined ? 0 : (ROLE_OF_TYPE[type] ?? 0);
  if (kind === 'server') return byType | ROLE.server;
  if (kind !== 'client') return byType;
  if (type !== undefined) return byType | ROLE.client;
  return hasFailed(report) || isResent(report)
    ? ROLE.client | ROLE.call | ROLE.troubled
    : ROLE.client | ROLE.call;
}

const ASKS = ROLE.client | ROLE.proxy | ROLE.request;

/** Did the parent wait for this child across a boundary, so that the child must lie inside it? */
export function isAnswer(role: number, roleOfParent: number): boolean {
  if ((role & (ROLE.proxy | ROLE.statement)) !== 0) return true;
  return (role & ROLE.server) !== 0 && (roleOfParent & ASKS) !== 0;
}

export const hasFailed = ({ status }: Pick<ReportedSpan, 'status'>): boolean => status.code === 'error';

export function isResent({ attributes }: Pick<ReportedSpan, 'attributes'>): boolean {
  const resends = attributes['http.request.resend_count'];
  return typeof resends === 'number' && resends > 0;
}
