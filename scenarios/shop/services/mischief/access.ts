/** The ways to the database that a deed has, beside what its service asks. */
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { DatabaseSystem } from '../../settings.ts';

export type Ask = <Row>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Another program's session, in nobody's trace. */
export interface Outsider {
  readonly ask: Ask;
  end(): Promise<void>;
}

export interface DatabaseAccess {
  readonly system: DatabaseSystem;
  /** As the service itself would, traced. */
  readonly ask: Ask;
  readonly inTransaction: <T>(body: (ask: Ask) => Promise<T>) => Promise<T>;
  /** `name` is how the session introduces itself, where the protocol has a place for that. */
  readonly outsider: (name: string) => Promise<Outsider>;
  /** One connection more of the service's own, opened and closed. */
  readonly openOneMore: () => Promise<void>;
}

/** Runs what must leave no span and carry no trace context. */
export const unseen = <T>(body: () => T): T => context.with(suppressTracing(ROOT_CONTEXT), body);
