// What only programs on two devices need, as the chunk that is loaded when a second one is opened: see loading.ts.
export { ProfileStore } from "../profile-store.ts";
export { planOnPair } from "./plan.ts";
export { profileOf } from "./profiles.ts";
export { runHybrid } from "./run.ts";
