import { describe, expect, it } from 'vitest';
import { readCurl } from '../../src/replay/curl.ts';
import { BASE_URL, type Exchange } from '../../src/replay/recording.ts';
import { shellWords } from '../../src/replay/shell-words.ts';

const read = (command: string) => {
  const recording = readCurl(command, 'a curl command');
  const action = recording.steps[0]?.actions[0];
  if (action?.do !== 'request') throw new Error('no request');
  return { ...recording, exchange: action.exchange };
};
const header = ({ headers }: Exchange, name: string) => headers.find(([known]) => known === name)?.[1];

describe('words of a shell', () => {
  it.each([
    [`curl 'a b' "c \\"d\\"" e\\ f`, ['curl', 'a b', 'c "d"', 'e f']],
    [`curl \\\n  -H 'x: y'`, ['curl', '-H', 'x: y']],
    [`a$'\\'\\u00e9\\n'b`, ["a'é\nb"]],
    [`''`, ['']],
    ['https://a.example/?x=1&y=2', ['https://a.example/?x=1&y=2']],
  ])('%s', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });

  it.each(['curl "$TOKEN"', 'curl $TOKEN', 'curl `id`', 'curl a | sh', "curl 'a", 'curl a > b', 'curl a; b'])(
    'says what only a shell could tell: %s',
    (line) => {
      expect(() => shellWords(line)).toThrow(/variable|shell|quote|one command/);
    },
  );
});

describe('a curl command', () => {
  it('is one exchange at the address', () => {
    const { exchange, baseUrl, steps, conditions } = read('curl -sL https://shop.example/api/stock?ids=1');
    expect(exchange).toEqual({ method: 'GET', url: [{ value: BASE_URL }, '/api/stock?ids=1'], headers: [] });
    expect(baseUrl).toBe('https://shop.example');
    expect(steps[0]?.unsafe).toBeUndefined();
    expect(conditions).toEqual({ cache: 'cold', connections: 'cold' });
  });

  it('posts what it would post, and says that it changes something', () => {
    const { exchange, steps } = read(
      `curl https://a.example/x -d a=1 --data-urlencode 'b=c d' -H 'X-Kind: tea'`,
    );
    expect(exchange.method).toBe('POST');
    expect(exchange.body).toEqual(['a=1&b=c%20d']);
    expect(header(exchange, 'content-type')).toEqual(['application/x-www-form-urlencoded']);
    expect(header(exchange, 'x-kind')).toEqual(['tea']);
    expect(steps[0]?.unsafe).toEqual(['POST /x']);
  });

  it.each([
    ['curl -G https://a.example/x -d a=1', 'GET', '/x?a=1'],
    ['curl -I https://a.example/x', 'HEAD', '/x'],
    ['curl -XDELETE https://a.example/x', 'DELETE', '/x'],
    ['curl --request=PUT --url https://a.example/x', 'PUT', '/x'],
    ['curl a.example', 'GET', '/'],
  ])('%s', (command, method, path) => {
    const { exchange } = read(command);
    expect([exchange.method, exchange.url.slice(1).join('')]).toEqual([method, path]);
  });

  it('keeps no secret in what is shown, and has it for the run', () => {
    const recording = read(
      `curl 'https://ada:pw1@a.example/x?token=t2&page=1' -H 'Authorization: Bearer b3' -b 'sid=s4' -d 'user=ada&password=p5'`,
    );
    const shown = JSON.stringify({ ...recording, secrets: undefined });
    for (const secret of ['pw1', 't2', 'b3', 's4', 'p5']) expect(shown).not.toContain(secret);
    expect([...recording.secrets.values()].sort()).toEqual(
      expect.arrayContaining(['b3', 'p5', 'sid=s4', 't2']),
    );
    expect(header(recording.exchange, 'authorization')).toContainEqual({ value: 'AUTHORIZATION' });
    expect(shown).toContain('page=1');
  });

  it('names a JSON body that holds a password as a whole', () => {
    const { exchange, secrets } = read(`curl --json '{"password":"p5"}' https://a.example/login`);
    expect(exchange.body).toEqual([{ value: 'BODY' }]);
    expect(secrets.get('BODY')).toBe('{"password":"p5"}');
    expect(header(exchange, 'content-type')).toEqual(['application/json']);
  });

  it('knows where names lie and whom to trust', () => {
    const { conditions } = read(
      'curl -k --resolve a.example:443:192.0.2.7 --resolve b.example:443:[2001:db8::1] https://a.example/',
    );
    expect(conditions).toMatchObject({
      anyCertificate: true,
      addressByHost: { 'a.example': '192.0.2.7', 'b.example': '2001:db8::1' },
    });
  });

  it('says what it cannot replay', () => {
    const { leftOut } = read(
      'curl -F file=@a.png -b jar.txt -d @body.json -x http://proxy:1 https://a.example/ https://b.example/',
    );
    expect(leftOut.map(({ what }) => what)).toEqual([
      '--form',
      'cookies in jar.txt',
      '--data @body.json',
      '--proxy',
      'https://b.example/',
    ]);
  });

  it.each([
    ['curl', /no address/],
    ['curl -X', /needs a value/],
    ['curl file:///etc/passwd', /not one that a browser can open/],
    ["curl -H 'no colon' https://a.example", /has no colon/],
  ])('%s', (command, sentence) => {
    expect(() => read(`${command} `)).toThrow(sentence);
  });
});
