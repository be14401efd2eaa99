// The builder of Kernels by hand that both generators' tests share.
export { KernelBuilder } from "../../backend-wasm/testing/build.ts";
