/** Waits for something that no instrumentation knows: a timer stands for it. */
import { noteInjected } from '../../injected.ts';
import type { Deed } from './deeds.ts';
import { sleep } from './sleep.ts';

export const idle: Deed = async ({ fault, ms }) => noteInjected(fault, await sleep(ms));
