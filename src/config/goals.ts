/** Of `headwater.config.ts`: what a journey may take, and how often it must go well. */

/** Keys of one entry of `journeys`. */
export const journeyGoals = {};
