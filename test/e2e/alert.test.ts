/** `headwater alert` as a person types it, over a real store and a channel on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Alerts } from '../../src/alert/send/alerts.ts';
import type { AlertRow } from '../../src/model/alert.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { type Reply, startReceiver } from '../alert/receiver.ts';
import { judgedAt, LOCK, signal } from '../alert/signals.ts';
import { Home, type Said } from './headwater.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
let home: Home;
const folder = mkdtempSync(join(tmpdir(), 'headwater-alert-'));
let reply: Reply = { status: 200, body: 'ok' };
let ops: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  ops = await startReceiver(() => reply);
  const config = {
    alerts: {
      viewer: 'https://headwater.example',
      webhook: { url: `${ops.url}/hook`, secretEnv: 'HOOK_SECRET' },
      slack: { name: 'on-call', urlEnv: 'SLACK_URL' },
    },
  };
  writeFileSync(join(folder, 'headwater.config.mjs'), `export default ${JSON.stringify(config)}`);
});
beforeEach(() => {
  home = new Home();
  reply = { status: 200, body: 'ok' };
});
afterEach(() => home.remove());
afterAll(async () => {
  await ops?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ HOOK_SECRET: SECRET, SLACK_URL: `${ops.url}/services/T0/secret` });
function alert(...args: readonly string[]): Promise<Said> {
  return home.runAs(env(), folder, 'alert', ...args);
}
const rows = async (): Promise<AlertRow[]> => JSON.parse((await alert('list', '--json')).stdout).alerts;
async function judge(journeys: readonly string[]): Promise<void> {
  const store = openStore(join(home.path, 'headwater.db'));
  const alerts = new Alerts({ store, config: { slack: { name: 'on-call', url: `${ops.url}/x` } } });
  await alerts.update(
    journeys.map((name) => signal(name, { guilty: LOCK })),
    judgedAt(...journeys),
  );
  await alerts.flush();
  store.close();
}

describe('headwater alert', () => {
  it.each([['--test'], ['test']])('%s sends to every channel, and says what each answered', async (how) => {
    const before = ops.received.length;
    const said = await alert(how);
    expect(said.code).toBe(0);
    expect(said.stderr).toMatch(/webhook +took it: 200 ok/);
    expect(said.stderr).toMatch(/on-call +took it: 200 ok/);
    expect(
      ops.received
        .slice(before)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/hook', '/services/T0/secret']);
  });

  it('--test exits 1 when a channel does not take it, and tells no secret', async () => {
    reply = { status: 403, body: 'no' };
    const said = await alert('--test');
    expect(said.code).toBe(1);
    expect(said.stderr).toContain('on-call did not take it: 403 no');
    expect(said.stderr).toContain('2 of 2 messages did not arrive.');
    expect(said.stderr).not.toMatch(/T0|whsec/);
  });

  it.each([
    ['an unset variable', { SLACK_URL: '' }, ['--test'], 'SLACK_URL is not set'],
    ['an unusable key', { HOOK_SECRET: 'hunter2' }, ['--test'], 'HOOK_SECRET must be whsec_ and 24 to 64'],
    ['a silence of everything', {}, ['silence', '--for', '2h'], 'Silence what?'],
    ['a silence of no layer', {}, ['silence', '--layer', 'disk', '--for', '2h'], '--layer disk is none of'],
    ['a silence without an end', {}, ['silence', '--layer', 'db'], "'--for <duration>' not specified"],
    [
      'a silence for no duration',
      {},
      ['silence', '--layer', 'db', '--for', 'ever'],
      '--for ever is no duration',
    ],
    ['an alert that is not there', {}, ['ack', 'abcd'], 'No alert that fires begins with abcd'],
    ['no silence to end', {}, ['unsilence'], 'Nothing is silenced.'],
  ])('refuses %s with a sentence', async (_what, more, args, words) => {
    const said = await home.runAs({ ...env(), ...more }, folder, 'alert', ...args);
    expect(said.code).toBe(2);
    expect(said.stderr).toContain(words);
    expect(said.stderr).not.toMatch(/\n {4}at |hunter2/);
  });

  it('lists what fires, and who is at it', async () => {
    expect((await alert()).stdout).toBe('Nothing fires.\n');
    await judge(['checkout', 'login']);
    const [row] = await rows();
    expect(row).toMatchObject({ state: 'firing', severity: 'page', journeys: ['checkout', 'login'] });
    const listed = await home.runAs(env(), folder, 'alerts');
    expect(listed.stdout).toMatch(/^firing {2}page {2}[0-9a-f]{16} {2}since /);
    expect(listed.stdout).toContain('2 journeys, one culprit: lock wait at postgresql (database)');
    expect((await alert('ack', row!.id.slice(0, 6), '--by', 'Ada')).code).toBe(0);
    expect(await rows()).toMatchObject([{ state: 'acknowledged', acknowledgedBy: 'Ada' }]);
  });

  it('silences, and ends a silence', async () => {
    await judge(['checkout', 'login']);
    const said = await alert(
      'silence',
      '--layer',
      'db',
      '--journey',
      'checkout',
      '--for',
      '2h',
      '--by',
      'Ada',
    );
    expect(said.stderr).toContain(
      'journey checkout, layer db for 2h; 1 of the alerts that fire is concerned',
    );
    expect(await rows()).toMatchObject([{ state: 'firing' }]);
    await alert('silence', '--layer', 'db', '--for', '1h');
    expect(await rows()).toMatchObject([{ state: 'silenced' }]);
    expect((await alert()).stdout).toMatch(/Silenced:\n(.*\n)? {2}[0-9a-f]{8} {2}layer db {2}until /);
    const { silences } = JSON.parse((await alert('--json')).stdout) as { silences: { id: string }[] };
    expect((await alert('unsilence')).stderr).toContain('Which of ');
    for (const { id } of silences) expect((await alert('unsilence', id)).code).toBe(0);
    expect(await rows()).toMatchObject([{ state: 'firing' }]);
  });

  it('lists dead letters, and sends them again', async () => {
    reply = { status: 400, body: 'invalid_payload' };
    await judge(['checkout', 'login']);
    const listed = await alert('dead-letters');
    expect(listed.stdout).toMatch(/^on-call {2}.* {2}firing: 2 journeys, one culprit/);
    expect(listed.stdout).toContain('1 attempt, the last was answered: 400 invalid_payload');
    expect((await alert('dead-letters', '--resend')).code).toBe(1);
    reply = { status: 200, body: 'ok' };
    const resent = await alert('dead-letters', '--resend');
    expect(resent.code).toBe(0);
    expect(resent.stderr).toMatch(/on-call +took it: 200 ok/);
    expect((await alert('dead-letters')).stderr).toContain('There is no dead letter.');
  });
});
