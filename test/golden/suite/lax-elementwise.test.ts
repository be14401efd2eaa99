import { testFile } from "../expect-file.ts";

testFile("lax-elementwise");
