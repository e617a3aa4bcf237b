/** Where the viewer is served unless told otherwise. */
export const DEFAULT_VIEWER_PORT = 4319;
