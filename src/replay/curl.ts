/**
 * A curl command line, as people and browsers' "Copy as cURL" write it, as one exchange of the browser.
 *
 * Read: the address, -X, -H, -d and its kin (--data-raw, --data-binary, --data-urlencode, --json, -F is not), -b, -u,
 * -A, -e, -G, -I, -k, --resolve, --compressed. Without effect on what is sent: -s -S -v -i -L -f -o -w --max-time …
 * https://curl.se/docs/manpage.html
 */

import { atBase } from './addresses.ts';
import type { Conditions } from './conditions.ts';
import { isSecretHeader, joined, NamedValues } from './named-values.ts';
import { type LeftOut, type Recording, RecordingError, type Text } from './recording.ts';
import { shellWords } from './shell-words.ts';

export const isCurl = (text: string): boolean => /^\s*(\$\s+)?curl(\.exe)?\s/.test(text);

/** @throws RecordingError with a sentence */
export function readCurl(text: string, from: string): Recording {
  const command = new CurlCommand(words(text));
  return command.recording(from);
}

function words(text: string): string[] {
  try {
    return shellWords(text.replace(/^\s*\$\s+/, '').trim()).slice(1);
  } catch (error) {
    throw new RecordingError((error as Error).message);
  }
}

/** Short options that take a value; `-sX POST` and `-XPOST` are the same as `-s -X POST`. */
const SHORT: Readonly<Record<string, string>> = {
  X: '--request',
  H: '--header',
  d: '--data',
  b: '--cookie',
  u: '--user',
  A: '--user-agent',
  e: '--referer',
  o: '--output',
  w: '--write-out',
  m: '--max-time',
  F: '--form',
  x: '--proxy',
  T: '--upload-file',
  E: '--cert',
  c: '--cookie-jar',
  D: '--dump-header',
  r: '--range',
};
const SHORT_FLAGS: Readonly<Record<string, string>> = {
  k: '--insecure',
  G: '--get',
  I: '--head',
  L: '--location',
};
const DATA = new Set(['--data', '--data-raw', '--data-ascii', '--data-binary', '--data-urlencode', '--json']);
/** They change what curl prints, or how long it waits. */
const NO_MATTER = new Set([
  '--output',
  '--write-out',
  '--max-time',
  '--connect-timeout',
  '--retry',
  '--cookie-jar',
  '--dump-header',
  '--retry-delay',
  '--limit-rate',
  '--trace',
  '--stderr',
]);
const CANNOT: Readonly<Record<string, string>> = {
  '--form': 'a form with files has a body that is not in the command',
  '--upload-file': 'the file is not part of the command',
  '--proxy': 'the browser is not sent through a proxy',
  '--cert': 'client certificates are not handed to the browser',
};
const LONG_WITH_VALUE = new Set([
  ...Object.values(SHORT),
  ...DATA,
  ...NO_MATTER,
  ...Object.keys(CANNOT),
  '--url',
  '--resolve',
  '--connect-to',
  '--cacert',
  '--key',
  '--ciphers',
  '--interface',
  '--tls-max',
  '--url-query',
]);

class CurlCommand {
  #method: string | undefined;
  #url: string | undefined;
  readonly #headers: [string, string][] = [];
  readonly #data: string[] = [];
  readonly #flags = new Set<string>();
  readonly #addressByHost: Record<string, string> = {};
  readonly #leftOut: LeftOut[] = [];
  readonly #values = new NamedValues();

  constructor(args: readonly string[]) {
    for (let i = 0; i < args.length; ) i += this.#take(args[i]!, args[i + 1]);
  }

  /** How many words that was. */
  #take(word: string, next: string | undefined): 1 | 2 {
    if (!word.startsWith('-') || word === '-') {
      this.#setUrl(word);
      return 1;
    }
    if (word.startsWith('--')) return this.#takeLong(word, next);
    return this.#takeShort(word.slice(1), next);
  }

  #takeLong(word: string, next: string | undefined): 1 | 2 {
    const [name = word, ...rest] = word.split('=');
    if (!LONG_WITH_VALUE.has(name)) {
      this.#flags.add(name);
      return 1;
    }
    if (rest.length > 0) {
      this.#option(name, rest.join('='));
      return 1;
    }
    if (next === undefined) throw new RecordingError(`The command ends after ${name}, which needs a value.`);
    this.#option(name, next);
    return 2;
  }

  #takeShort(letters: string, next: string | undefined): 1 | 2 {
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i]!;
      const long = SHORT[letter];
      if (long === undefined) {
        this.#flags.add(SHORT_FLAGS[letter] ?? `-${letter}`);
        continue;
      }
      const attached = letters.slice(i + 1);
      if (attached === '' && next === undefined)
        throw new RecordingError(`The command ends after -${letter}, which needs a value.`);
      this.#option(long, attached === '' ? next! : attached);
      return attached === '' ? 2 : 1;
    }
    return 1;
  }

  #option(name: string, value: string): void {
    if (name === '--url') this.#setUrl(value);
    else if (name === '--request') this.#method = value.toUpperCase();
    else if (name === '--header') this.#header(value);
    else if (DATA.has(name)) this.#addData(name, value);
    else if (name === '--cookie') this.#cookie(value);
    else if (name === '--user') this.#headers.push(['authorization', `Basic ${base64(value)}`]);
    else if (name === '--user-agent') this.#headers.push(['user-agent', value]);
    else if (name === '--referer') this.#headers.push(['referer', value]);
    else if (name === '--range') this.#headers.push(['range', `bytes=${value}`]);
    else if (name === '--resolve') this.#resolve(value);
    else if (!NO_MATTER.has(name))
      this.#leftOut.push({ what: name, why: CANNOT[name] ?? 'the browser has no such setting' });
  }

  #setUrl(text: string): void {
    if (this.#url !== undefined) {
      this.#leftOut.push({ what: text, why: 'only the first address of a command is replayed' });
      return;
    }
    const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
    if (!URL.canParse(url) || !/^https?:/i.test(url))
      throw new RecordingError(`The command's address "${text}" is not one that a browser can open.`);
    const { username, password } = new URL(url);
    if (username)
      this.#headers.push([
        'authorization',
        `Basic ${base64(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`,
      ]);
    this.#url = url;
  }

  /** `Name: value`; `Name;` is a header without a value, `Name:` one that curl would leave out. */
  #header(text: string): void {
    const [, name, value] = /^([^:;]+)[:;]\s*([\s\S]*)$/.exec(text) ?? [];
    if (name === undefined)
      throw new RecordingError(`The command's header "${text.slice(0, 60)}" has no colon.`);
    if (value === '' && !text.endsWith(';')) return;
    this.#headers.push([name.trim().toLowerCase(), value ?? '']);
  }

  #addData(name: string, value: string): void {
    if (value.startsWith('@') && name !== '--data-raw') {
      this.#leftOut.push({
        what: `${name} ${value}`,
        why: 'the file is not part of the command',
        supply: 'write the data itself',
      });
      return;
    }
    if (name === '--json')
      for (const header of ['content-type', 'accept'])
        if (!this.#headers.some(([known]) => known === header))
          this.#headers.push([header, 'application/json']);
    this.#data.push(name === '--data-urlencode' ? urlEncoded(value) : value);
    if (name === '--json') this.#flags.add('--json');
  }

  #cookie(value: string): void {
    if (value.includes('=')) this.#headers.push(['cookie', value]);
    else
      this.#leftOut.push({
        what: `cookies in ${value}`,
        why: 'the file is not part of the command',
        supply: '--storage-state FILE',
      });
  }

  /** `host:port:address[,address]` */
  #resolve(text: string): void {
    const [, host, address] = /^\+?-?([^:]+):\d+:\[?([^\],]+)/.exec(text) ?? [];
    if (host && address) this.#addressByHost[host] = address;
    else this.#leftOut.push({ what: `--resolve ${text}`, why: 'it is not HOST:PORT:ADDRESS' });
  }

  recording(from: string): Recording {
    if (this.#url === undefined) throw new RecordingError('The command names no address.');
    const isGet = this.#flags.has('--get');
    const data = this.#data.join(this.#flags.has('--json') ? '' : '&');
    const address = isGet && data ? `${this.#url}${this.#url.includes('?') ? '&' : '?'}${data}` : this.#url;
    const body = isGet || this.#data.length === 0 ? undefined : this.#bodyText(data);
    const method = this.#method ?? (this.#flags.has('--head') ? 'HEAD' : body ? 'POST' : 'GET');
    if (body && !this.#headers.some(([name]) => name === 'content-type'))
      this.#headers.push(['content-type', 'application/x-www-form-urlencoded']);
    const url = new URL(address);
    const headers = this.#headers
      .filter(([name]) => !BROWSERS_OWN.has(name))
      .map(([name, value]) => this.#headerText(name, value));
    const exchange = {
      method,
      url: atBase(this.#values.address(url.href), url.origin),
      headers,
      ...(body ? { body } : {}),
    };
    const name = `${method} ${url.host}${url.pathname}`;
    return {
      name,
      from,
      baseUrl: url.origin,
      steps: [
        {
          name: `${method} ${url.pathname}`,
          actions: [{ do: 'request', exchange }],
          ...(/^(GET|HEAD|OPTIONS)$/.test(method) ? {} : { unsafe: [`${method} ${url.pathname}`] }),
        },
      ],
      conditions: this.#conditions(),
      leftOut: this.#leftOut,
      missing: this.#values.missing,
      secrets: this.#values.secrets,
    };
  }

  #headerText(name: string, value: string): readonly [string, Text] {
    const scheme = /^(bearer|basic|token)\s+/i.exec(value)?.[0];
    if (!isSecretHeader(name)) return [name, [value]];
    if (scheme) return [name, joined([[scheme], this.#values.named(name, value.slice(scheme.length))])];
    return [name, this.#values.named(name, value)];
  }

  /** A body may hold a password in any layout: a form's secrets are named, of another the whole is when it has some. */
  #bodyText(data: string): Text {
    const type = this.#headers.find(([name]) => name === 'content-type')?.[1] ?? '';
    if (type === '' || type.includes('urlencoded')) return this.#values.form(data);
    return SECRET_KEY.test(data) ? this.#values.named('body', data) : [data];
  }

  #conditions(): Conditions {
    return {
      cache: 'cold', // curl keeps nothing
      connections: 'cold',
      ...(Object.keys(this.#addressByHost).length > 0 ? { addressByHost: this.#addressByHost } : {}),
      ...(this.#flags.has('--insecure') ? { anyCertificate: true } : {}),
    };
  }
}

/** The browser decides these by itself, and sends others than curl whatever they say. */
const BROWSERS_OWN = new Set([
  'host',
  'content-length',
  'connection',
  'accept-encoding',
  'traceparent',
  'tracestate',
]);
const SECRET_KEY = /"[^"]*(pass(word|phrase)?|pwd|secret|token|otp|pin|card|cvc|api[_-]?key)[^"]*"\s*:/i;

/** `name=content`, `=content`, `content`: the content is encoded, the name is not. */
function urlEncoded(text: string): string {
  const [, name = '', content = text] = /^([^=]*)=([\s\S]*)$/.exec(text) ?? [];
  return `${name ? `${name}=` : ''}${encodeURIComponent(content)}`;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
