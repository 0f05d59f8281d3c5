import type { Auth, TokenStorage } from "@x/auth-core";
import { createNodeAuth, fileTokenStorage, resolveConfigsDir } from "@x/auth-node";

const { path, source } = resolveConfigsDir({ env: process.env });

// @ts-expect-error: the directory is a string
createNodeAuth({ configsDir: 7 });

export const storage: TokenStorage = fileTokenStorage({ configsDir: path });
export const auth: Auth = createNodeAuth({
  env: process.env,
  onEvent: (event) => console.log(event.type, source),
});
