// Arrays as text, by NumPy's rules.
import type { ServedDType } from "@weft/ir";
import type { HostArray } from "./host.ts";

/** The text of an array. */
export const formatArray = (data: HostArray, shape: readonly number[], dtype: ServedDType): string => `${dtype}[${shape.join(",")}] ${data.join(" ")}`;
