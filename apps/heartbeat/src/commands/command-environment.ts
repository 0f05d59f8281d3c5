import type { Env } from "@x/auth-core";
import type { KnownTokens } from "../observability/known-tokens.ts";

/** What a command works with besides its flags and the configuration. */
export interface CommandEnvironment {
  readonly env: Env;
  /** Never prints this text from now on. */
  readonly hide: KnownTokens["hide"];
  /** Called at the end if a disk hangs, which keeps the process from exiting. @default nothing */
  readonly onStuck?: () => void;
}
