import { consumersCompile } from "./consumers.ts";

consumersCompile("7.0");
