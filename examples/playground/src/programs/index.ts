// The four programs of the article, as live code. Their sources are files of this folder, checked as TypeScript.

/** A program of the page. */
export interface Program {
  /** The name of its file and its place in the address. */
  readonly name: string;
  readonly title: string;
  readonly subtitle: string;
}

export const PROGRAMS: readonly Program[] = [
  { name: "selu", title: "SELU", subtitle: "Five operations, one kernel" },
  { name: "gradients", title: "Gradients", subtitle: "Derivatives of ordinary functions" },
  { name: "vmap", title: "vmap", subtitle: "Written for one vector, run as one product" },
  { name: "blur", title: "Blur", subtitle: "81 slices of a picture, one kernel" },
];
