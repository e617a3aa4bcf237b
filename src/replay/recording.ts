/**
 * A recording: a user path as something that can be walked again, whatever it was made from.
 *
 * ```
 * spans of a trace ──► from-spans.ts ────┐
 * Recorder JSON ─────► recorder-json.ts ─┼─► Recording ─► journey-source.ts ─► a Playwright journey, to be run
 * curl command ──────► curl.ts ──────────┘
 * ```
 * What it holds may be shown and saved: secrets are named values (`{ value: 'TOKEN' }`), and what they were, where the
 * recording told, stands apart in `secrets`, which nobody saves.
 */
import type { Conditions } from './conditions.ts';

/** The value that stands for where the path is walked, so that `--url` can move it; no secret. */
export const BASE_URL = 'BASE_URL';

/** A text in pieces: itself, or a value that is supplied when it is run. */
export type Text = readonly (string | { readonly value: string })[];

/** How an element is found, one step after another; each is one call on a Playwright page or locator. */
export type Finder =
  | { readonly by: 'css'; readonly selector: string }
  | { readonly by: 'role'; readonly role: string; readonly name?: Match; readonly exact?: boolean }
  | { readonly by: TextFinder; readonly text: Match; readonly exact?: boolean }
  | { readonly by: 'frame'; readonly selector: string }
  | { readonly by: 'hasText'; readonly text: Match }
  | { readonly by: 'nth'; readonly index: number }
  | { readonly by: 'first' | 'last' };
export type TextFinder = 'text' | 'label' | 'placeholder' | 'altText' | 'title' | 'testId';
/** A text, or the source and flags of a regular expression. */
export type Match = string | { readonly source: string; readonly flags: string };

export interface Target {
  readonly find: readonly Finder[];
  /** Places of the frames that it is in, from the page inwards. */
  readonly frame?: readonly number[];
  /** Address of the window that it is in, where that is not the first one. */
  readonly window?: string;
}

/** One HTTP exchange by itself, sent by the browser without a page around it. */
export interface Exchange {
  readonly method: string;
  readonly url: Text;
  readonly headers: readonly (readonly [name: string, value: Text])[];
  readonly body?: Text;
}

export type RecordedAction =
  | { readonly do: 'open'; readonly url: Text }
  | {
      readonly do: 'click';
      readonly target: Target;
      readonly count?: 2;
      readonly button?: 'left' | 'middle' | 'right';
      readonly at?: { readonly x: number; readonly y: number };
      readonly holdMs?: number;
    }
  | { readonly do: 'hover' | 'check' | 'uncheck' | 'focus'; readonly target: Target }
  /** Of a text field or of a list to choose from: which of them, the page says. */
  | { readonly do: 'change'; readonly target: Target; readonly text: Text }
  | { readonly do: 'keyDown' | 'keyUp'; readonly key: string }
  | { readonly do: 'scroll'; readonly target?: Target; readonly x: number; readonly y: number }
  | { readonly do: 'viewport'; readonly width: number; readonly height: number }
  | {
      readonly do: 'waitFor';
      readonly target: Target;
      readonly state?: 'visible' | 'hidden' | 'attached' | 'detached';
    }
  | { readonly do: 'waitForExpression'; readonly expression: string; readonly target?: Target }
  /** Until the page's path is like that: source of a regular expression. */
  | { readonly do: 'waitForPath'; readonly path: string }
  | { readonly do: 'waitForLoad'; readonly state: 'load' | 'domcontentloaded' | 'networkidle' }
  | { readonly do: 'pause'; readonly ms: number }
  | { readonly do: 'request'; readonly exchange: Exchange };

export interface RecordedStep {
  readonly name: string;
  readonly actions: readonly RecordedAction[];
  /** Requests that are not safe to send again (RFC 9110, 9.2.1), as far as the recording tells: `POST /orders`. */
  readonly unsafe?: readonly string[];
}

/** What is not replayed, why, and how it could be. */
export interface LeftOut {
  readonly what: string;
  readonly why: string;
  readonly supply?: string;
}

export interface Recording {
  readonly name: string;
  /** In words, for the saved file's head: `trace 4bf92f35…`, `Recorder JSON checkout.json`. */
  readonly from: string;
  /** Origin that it begins at; unknown when it only names paths. */
  readonly baseUrl?: string;
  readonly steps: readonly RecordedStep[];
  readonly conditions: Conditions;
  readonly leftOut: readonly LeftOut[];
  /** Values that the steps name and the recording does not have. */
  readonly missing: readonly string[];
  /** Values that the steps name and the recording has. In memory only. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Unusable input: the message is a sentence for the person. */
export class RecordingError extends Error {}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
export const isSafe = (method: string): boolean => SAFE_METHODS.has(method.toUpperCase());

/** The values that an action needs to be told. */
export function valuesIn(action: RecordedAction): string[] {
  const texts: Text[] = [];
  if (action.do === 'open') texts.push(action.url);
  if (action.do === 'change') texts.push(action.text);
  if (action.do === 'request') {
    const { url, headers, body } = action.exchange;
    texts.push(url, ...headers.map(([, value]) => value), ...(body ? [body] : []));
  }
  return texts
    .flat()
    .flatMap((part) => (typeof part === 'string' || part.value === BASE_URL ? [] : [part.value]));
}
