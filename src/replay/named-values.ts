/**
 * Secrets of a recording become named values: the saved journey reads them from the environment, and the recording
 * keeps what they were only in memory.
 */
import { isSecretName, REDACTED } from '../model/redact.ts';
import type { Text } from './recording.ts';

/** Prefix of the environment variables that a saved journey reads. */
const PREFIX = 'REPLAY_';

/** `X-Api-Key` → `X_API_KEY`; the variable is `REPLAY_X_API_KEY`. */
export const valueName = (label: string): string =>
  label
    .normalize('NFKD')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60) || 'VALUE';
export const variableOf = (value: string): string => `${PREFIX}${value}`;

/** Headers whose value is the caller's own, beside those whose name says so. */
const SECRET_HEADERS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-csrf-token',
]);
export const isSecretHeader = (name: string): boolean =>
  SECRET_HEADERS.has(name.toLowerCase()) || isSecretName(name);

/** Collects named values while a recording is read. */
export class NamedValues {
  readonly secrets = new Map<string, string>();
  readonly #missing = new Set<string>();

  /** A value that the recording has (undefined, or redacted: has not). The same label has the same value. */
  named(label: string, secret?: string): Text {
    let name = valueName(label);
    const isGone =
      secret === undefined || secret.includes(REDACTED) || secret.includes(encodeURIComponent(REDACTED));
    if (isGone) this.#missing.add(name);
    else {
      for (let n = 2; this.secrets.has(name) && this.secrets.get(name) !== secret; n++)
        name = `${valueName(label)}_${n}`;
      this.secrets.set(name, secret);
    }
    return [{ value: name }];
  }

  get missing(): string[] {
    return [...this.#missing].filter((name) => !this.secrets.has(name));
  }

  /** An address with the secrets of its query, and the name and password in it, as named values. */
  address(url: string): Text {
    const [beforeQuery = '', ...rest] = url.split('?');
    const query = rest.join('?');
    const bare = beforeQuery.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/i, '$1');
    return query === '' ? [bare] : joined([[`${bare}?`], this.#pairs(query)]);
  }

  /** `a=1&token=…`: a query, or a body that is laid out like one. */
  form(body: string): Text {
    return this.#pairs(body);
  }

  #pairs(query: string): Text {
    return joined(
      query.split('&').flatMap((pair, i): Text[] => {
        const [name = '', value] = [pair.split('=')[0], pair.split('=').slice(1).join('=')];
        const lead = i > 0 ? '&' : '';
        if (value === '' || !isSecretName(decoded(name))) return [[`${lead}${pair}`]];
        return [[`${lead}${name}=`], this.named(decoded(name), value)];
      }),
    );
  }
}

/** Neighbouring texts become one. */
export function joined(texts: readonly Text[]): Text {
  const parts: (string | { readonly value: string })[] = [];
  for (const part of texts.flat()) {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else if (part !== '') parts.push(part);
  }
  return parts;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
