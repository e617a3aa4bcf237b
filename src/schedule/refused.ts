/** What cannot be done to the schedule now, as a sentence for whoever asked. */
export class Refused extends Error {}
