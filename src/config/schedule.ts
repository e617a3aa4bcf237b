/** Of `headwater.config.ts`: when journeys are walked. */
import { z } from 'zod';

/** Keys of one entry of `journeys`. */
export const journeySchedule = {};

export const schedule = z.strictObject({});
