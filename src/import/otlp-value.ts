/**
 * OTLP's AnyValue → the model's attribute values.
 *
 * ```
 * string, bool, double      as they are
 * int64                     a number; a decimal string beyond ±2^53, so that no digit is lost
 * bytes                     base64 text
 * array of one scalar kind  a list
 * any other array, kvlist   JSON text
 * empty                     ''
 * ```
 * https://opentelemetry.io/docs/specs/otel/common/#anyvalue
 */
import type { AttributeValue } from '../model/span.ts';

/** An AnyValue decoded, before it is fitted to the model. */
export type AnyValue =
  | string
  | number
  | boolean
  | null
  | readonly AnyValue[]
  | { readonly [key: string]: AnyValue };
export type MutableAttributes = Record<string, AttributeValue>;

/** Deeper nesting than this is cut: attribute values are for reading, and the stack is finite. */
export const MAX_VALUE_DEPTH = 32;
export const TOO_DEEP = '[nested too deep]';

/** Sets an own property whatever its name: `__proto__` is a key like any other. */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}

export function attributeValueOf(value: AnyValue): AttributeValue {
  if (value === null) return '';
  if (typeof value !== 'object') return value;
  if (Array.isArray(value) && isOneScalarKind(value)) return value as readonly string[];
  return JSON.stringify(value);
}

function isOneScalarKind(list: readonly AnyValue[]): boolean {
  const kind = typeof list[0];
  return kind !== 'object' && list.every((item) => typeof item === kind);
}

/** An int64 given as text or bigint: a number where a double holds it exactly, its decimal digits otherwise. */
export function int64Value(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
