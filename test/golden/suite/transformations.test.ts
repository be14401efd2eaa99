import { testFile } from "../expect-file.ts";

testFile("transformations");
