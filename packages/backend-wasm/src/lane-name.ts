// The name of a lane's worker, by which a script knows that it runs as one, and which is the first thing it says. The
// same words stand as literals where bundlers look for workers (worker-ways.ts).
export const LANE_NAME = "weft-lane";
