/** The `alerts` of a configuration: what can be said, and what a mistake is answered with. */
import { describe, expect, it } from 'vitest';
import { configFaults } from '../../src/config/config.ts';

describe('alerts in the configuration', () => {
  it('may name several channels of a kind', () => {
    const alerts = {
      viewer: 'https://headwater.example',
      timeZone: 'Europe/Berlin',
      resolveAfter: '10m',
      resolveAfterJudgements: 3,
      giveUpAfter: '2h',
      webhook: { url: 'https://ops.example/hook', secretEnv: 'SECRET', picture: false },
      slack: [{ urlEnv: 'SLACK' }, { name: 'on-call', url: 'https://slack.example/x', pagesOnly: true }],
      alertmanager: { url: 'http://127.0.0.1:9093', tokenEnv: 'TOKEN', labels: { team: 'a' } },
    };
    expect(configFaults({ alerts })).toEqual([]);
  });

  it.each([
    [{ viewer: 'headwater' }, 'alerts.viewer: must be an address'],
    [{ timeZone: 'Middle-earth' }, 'alerts.timeZone: must be a time zone such as Europe/Berlin'],
    [{ resolveAfter: 'soon' }, 'alerts.resolveAfter: must be a duration'],
    [{ resolveAfterJudgements: 0 }, 'alerts.resolveAfterJudgements'],
    [{ webhook: { url: 'https://ops.example/hook' } }, 'alerts.webhook'],
    [{ slack: {} }, 'alerts.slack: needs either urlEnv or url'],
    [
      { slack: { urlEnv: 'https://slack.example/x' } },
      'alerts.slack.urlEnv: must be the name of an environment',
    ],
    [{ slack: [{ urlEnv: 'A' }, {}] }, 'alerts.slack.1: needs either urlEnv or url'],
    [{ alertmanager: { url: 'x' } }, 'alerts.alertmanager.url: must be an address'],
    [{ pager: {} }, 'alerts: Unrecognized key: "pager"'],
  ])('names the key of a mistake: %j', (alerts, words) => {
    expect(configFaults({ alerts }).join('; ')).toContain(words);
  });
});
