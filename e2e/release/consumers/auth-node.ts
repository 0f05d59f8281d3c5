import { createNodeAuth, fileTokenStorage, inspectTokenFile, resolveConfigsDir } from "@x/auth-node";

const { path, source } = resolveConfigsDir({ env: { CONFIGS_DIR: "/srv/agent" } });
const { read } = fileTokenStorage({ configsDir: path });
const auth = createNodeAuth({ configsDir: path, onEvent: ({ type }) => said.push(type) });
const said: string[] = [source];

// @ts-expect-error: the directory is a string
createNodeAuth({ configsDir: 7 });

export async function use(): Promise<(string | null)[]> {
  const { problem } = await inspectTokenFile({ configsDir: path });
  return [await auth.getToken(), await read(), problem];
}
