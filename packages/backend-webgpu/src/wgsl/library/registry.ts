// Functions of WGSL that kernels call, each with those it needs, so that a module holds only what it uses.

export interface Helper {
  readonly needs: readonly string[];
  readonly code: string;
}
export type Helpers = Readonly<Record<string, Helper>>;

export const helper = (code: string, ...needs: string[]): Helper => ({ needs, code: code.trim() });
