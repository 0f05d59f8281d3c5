import { consumersCompile } from "./consumers.ts";

// Only in the matrix: these compilers take ten times as long as the newest.
for (const compiler of ["5.4", "5.9", "6.0"]) consumersCompile(compiler);
