import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { setFrom } from '../../src/cli/configured.ts';

const command = (...typed: string[]): Command =>
  new Command()
    .option('--settle <ms>', '', Number, 6_000)
    .option('--pin <sha256>')
    .parse(['node', 'headwater', ...typed]);

describe('a configuration that is read again', () => {
  it('counts where the command line said nothing, and is forgotten when it says it no longer', () => {
    const one = command();
    setFrom(one, { settleMs: 10, pins: ['a'] });
    expect(one.opts()).toEqual({ settle: 10, pin: ['a'] });
    setFrom(one, { settleMs: 20 });
    expect(one.opts()).toEqual({ settle: 20, pin: undefined });
    setFrom(one, {});
    expect(one.opts()).toEqual({ settle: 6_000, pin: undefined });
  });

  it('never counts against what was typed', () => {
    const one = command('--settle', '5');
    setFrom(one, { settleMs: 10 });
    setFrom(one, {});
    expect(one.opts()).toEqual({ settle: 5 });
  });

  it('changes nothing when a part of it is wrong', () => {
    const one = command();
    expect(() => setFrom(one, { settleMs: 10, dns: 'iterative=nonsense' })).toThrow(
      /^headwater.config.ts is not usable: dns: .*nonsense/,
    );
    expect(one.opts()).toEqual({ settle: 6_000 });
  });
});
