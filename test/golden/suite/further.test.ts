import { testFile } from "../expect-file.ts";

testFile("further");
