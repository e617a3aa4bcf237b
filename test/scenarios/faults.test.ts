import { describe, expect, it } from 'vitest';
import { faultMs, faults, parseFault } from '../../scenarios/faults/index.ts';
import { isDeed } from '../../scenarios/shop/services/mischief/deeds.ts';
import { healthySettings, SERVICES } from '../../scenarios/shop/settings.ts';
import { isLayer } from '../../src/model/layer.ts';

describe('parseFault', () => {
  it('takes a name, and milliseconds after it', () => {
    expect(faultMs(parseFault('dns-slow'))).toBe(faults['dns-slow']?.defaultMs);
    expect(faultMs(parseFault(' db-seq-scan=80 '))).toBe(80);
  });

  it.each(['dns-fast', '', '__proto__', 'toString'])(
    'names the known faults when there is no "%s"',
    (name) => {
      expect(() => parseFault(name)).toThrow(/no fault .* Did you mean .* All \d+: headwater demo --help$/);
    },
  );

  it.each([
    'dns-slow=',
    'dns-slow=0',
    'dns-slow=-3',
    'dns-slow=x',
    'dns-slow=1=2',
    'dns-slow=99999',
    'dns-slow=NaN',
  ])('says how to write the time instead of %s', (text) => {
    expect(() => parseFault(text)).toThrow(`"${text}" does not say how long: write dns-slow=MS`);
  });
});

describe.each(Object.values(faults))('$name', (fault) => {
  it('expects a cause that starts with its layer', () => {
    expect(isLayer(fault.expected.layer)).toBe(true);
    expect(fault.expected.cause.split('.')[0]).toBe(fault.expected.layer);
  });

  it('asks services for deeds that they know', () => {
    const settings = healthySettings();
    fault.apply(settings, fault.defaultMs);
    const deeds = Object.values(settings.mischief).flatMap((mischief) => mischief.map(({ deed }) => deed));
    expect(deeds.filter((deed) => !isDeed(deed))).toEqual([]);
  });

  it('leaves what another fault has changed', () => {
    for (const other of Object.values(faults)) {
      const alone = healthySettings();
      other.apply(alone, other.defaultMs);
      const both = healthySettings();
      other.apply(both, other.defaultMs);
      fault.apply(both, fault.defaultMs);
      for (const service of SERVICES)
        expect(both.mischief[service]).toEqual(expect.arrayContaining(alone.mischief[service]));
      expect(both.database.alterations.length).toBeGreaterThanOrEqual(alone.database.alterations.length);
    }
  });

  it('changes how a part is started', () => {
    const settings = healthySettings();
    fault.apply(settings, fault.defaultMs);
    expect(settings).not.toEqual(healthySettings());
  });
});
