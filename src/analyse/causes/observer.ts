/**
 * Time that the observation itself takes: nobody who visits the site waits for it. It is in the ledger under names of
 * its own, and is never what a site is slow for.
 */
import type { Cause } from '../../model/layer.ts';

const OBSERVERS: ReadonlySet<Cause> = new Set([
  // Playwright's own acting, and the page at rest until it looks again or finds the element in reach.
  'browser.automation',
  'browser.polling',
  'browser.actionability',
  // The pause in which the browser waits for the probe.
  'browser.observer',
  // The browser's host has no CPU left; visitors bring CPUs of their own.
  'browser.crowded_host',
]);

export const isObserver = (cause: Cause): boolean => OBSERVERS.has(cause);
