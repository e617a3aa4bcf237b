/** How the processes of one suite find each other: names of environment variables. */

/** The suite's folder, for the workers; whoever made the folder makes the runs and removes it. */
export const SUITE_FOLDER_VARIABLE = 'HEADWATER_SUITE';
/** What the command was told, as JSON (`GivenOptions`). */
export const SUITE_OPTIONS_VARIABLE = 'HEADWATER_SUITE_OPTIONS';
/** Path of the suite's own `@playwright/test`, or of `playwright/test`. */
export const PLAYWRIGHT_TEST_VARIABLE = 'HEADWATER_PLAYWRIGHT_TEST';
