import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogFollower } from '../../src/collect/log-follower.ts';
import { fixture } from '../import/check-import.ts';
import { MemorySink, until } from './memory-sink.ts';

let folder = '';
let path = '';
let sink: MemorySink;
let errors: string[] = [];
let follower: LogFollower | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-log-'));
  path = join(folder, 'server.log');
  sink = new MemorySink();
  errors = [];
});
afterEach(async () => {
  await follower?.stop();
  rmSync(folder, { recursive: true });
});

function follow(quietMs?: number): LogFollower {
  writeFileSync(path, '');
  follower = new LogFollower(path, sink, ({ message }) => errors.push(message), quietMs);
  return follower;
}

const MARIADB = fixture('mariadb', 'mariadb-10.11.log').toString();
const ENTRY = fixture('mariadb', 'no-query-plan.log').toString();

describe('entries of several lines', () => {
  it('gives the same however the log is cut', async () => {
    const followed = follow(60_000);
    for (let at = 0; at < MARIADB.length; at += 997) {
      appendFileSync(path, MARIADB.slice(at, at + 997));
      if (at % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await followed.flush();
    expect(sink.warnings).toEqual([]);
    expect(sink.spans.filter(({ name }) => name !== 'lock wait')).toHaveLength(9);
  });

  it('reads the last one when the file is quiet, without being asked', async () => {
    follow();
    appendFileSync(path, ENTRY);
    await until(() => sink.spans.length > 0);
    expect(sink.spans.map(({ name }) => name)).toEqual(['SELECT shop']);
  });

  it('keeps the last one until it can be stored', async () => {
    const followed = follow();
    sink.isBroken = true;
    appendFileSync(path, ENTRY);
    await followed.flush();
    expect(errors).toContain('disk full');
    sink.isBroken = false;
    await followed.flush();
    expect(sink.spans).toHaveLength(1);
  });
});

describe('the format', () => {
  it('shows itself also when following began inside an entry', async () => {
    const followed = follow();
    appendFileSync(path, `_sent: 70\nSET timestamp=1795374456;\nselect 0;\n${ENTRY}`);
    await followed.flush();
    expect(sink.spans).toHaveLength(1);
    expect(sink.warnings).toMatchObject([{ code: 'mariadb.bad_entry' }]);
  });

  it('that nobody knows is told once, and costs no memory', async () => {
    const followed = follow();
    for (let i = 0; i < 3; i++) appendFileSync(path, `${'no log at all\n'.repeat(6_000)}`);
    await followed.flush();
    expect(sink.warnings).toMatchObject([{ code: 'collect.unknown_log', where: path }]);
  });
});
