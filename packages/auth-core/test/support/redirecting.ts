import { createAuthFetch } from "../../src/auth-fetch.ts";
import { createAuth } from "../../src/create-auth.ts";
import { startServer } from "./server.ts";
import { testStorage } from "./storage.ts";
import { fileToken } from "./tokens.ts";

/** A platform that redirects `/old` to `location`, in which `HOST` is its own host and port. */
export async function redirecting(status: number, location: string | null = "/new") {
  const server = await startServer((request, response) => {
    if (request.path !== "/old") return;
    response.statusCode = status;
    if (location !== null)
      response.setHeader("Location", location.replace("HOST", new URL(server.origin).host));
  });
  const storage = testStorage(fileToken);
  const auth = createAuth({ storage, env: { PLATFORM_URL: server.origin } });
  const paths = () => server.received.map(({ method, path, body }) => [method, path, body]);
  return { server, storage, paths, old: `${server.origin}/old`, send: createAuthFetch(auth) };
}
