// Wraps the code of one function into a WebAssembly module: the memory import, the export `k`, the sections.
import { I32 } from "./opcodes.ts";
import { Writer } from "./writer.ts";

function section(module: Writer, id: number, content: Writer): void {
  module.byte(id);
  module.unsigned(content.length);
  module.append(content);
}

function localDeclarations(body: Writer, types: readonly number[]): void {
  const runs: number[] = [];
  for (const type of types) {
    if (runs.length > 0 && runs[runs.length - 1] === type) runs[runs.length - 2]++;
    else runs.push(1, type);
  }
  body.unsigned(runs.length / 2);
  for (let i = 0; i < runs.length; i += 2) {
    body.unsigned(runs[i]);
    body.byte(runs[i + 1]);
  }
}

/**
 * A module with the function `k` of `parameters` i32 parameters. It imports env.memory: shared memory of at most
 * 65536 pages, or unshared memory of any size.
 */
export function moduleOf(parameters: number, localTypes: readonly number[], code: Writer, shared: boolean): Uint8Array {
  const module = new Writer(code.length + 512);
  for (const byte of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) module.byte(byte);
  const types = new Writer(32);
  types.byte(1);
  types.byte(0x60);
  types.unsigned(parameters);
  for (let i = 0; i < parameters; i++) types.byte(I32);
  types.byte(0);
  section(module, 1, types);
  const imports = new Writer(32);
  imports.byte(1);
  imports.text("env");
  imports.text("memory");
  imports.byte(2);
  imports.byte(shared ? 3 : 0);
  imports.unsigned(1);
  if (shared) imports.unsigned(65536);
  section(module, 2, imports);
  const functions = new Writer(4);
  functions.byte(1);
  functions.byte(0);
  section(module, 3, functions);
  const exports = new Writer(8);
  exports.byte(1);
  exports.text("k");
  exports.byte(0);
  exports.byte(0);
  section(module, 7, exports);
  const body = new Writer(code.length + 64);
  localDeclarations(body, localTypes);
  body.append(code);
  body.end();
  const codes = new Writer(body.length + 16);
  codes.byte(1);
  codes.unsigned(body.length);
  codes.append(body);
  section(module, 10, codes);
  return module.done().slice();
}
