import { testFile } from "../expect-file.ts";

testFile("np-joining");
