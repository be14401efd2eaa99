export { NDArray } from "./core/array.ts";
