import type { Auth } from "@x/auth-core";
import { createNodeAuth, keyringTokenStorage } from "@x/auth-node";
import { authInterceptor as forAxios } from "@x/auth-node/axios";
import { type AuthInterceptorOptions, authInterceptor } from "@x/auth-node/undici";

/** As undici types the arguments of `compose`, and axios its interceptors. */
type Dispatch = (options: { path: string; origin?: string | URL }, handler: { onError?(): void }) => boolean;
type Compose = (interceptor: (dispatch: Dispatch) => Dispatch) => void;
type Use<Config> = (interceptor: (config: Config) => Config | Promise<Config>) => void;

const auth: Auth = createNodeAuth({ storage: keyringTokenStorage({ workspaceId: "agent-7" }) });

export function use(compose: Compose, interceptors: Use<{ url?: string; headers: object }>): void {
  const options: AuthInterceptorOptions = { origin: new URL("https://platform.example") };
  compose(authInterceptor(auth, options));
  interceptors(forAxios(auth, { workspaceId: "agent-7", source: true }));
  // @ts-expect-error: an Auth is required
  authInterceptor("a-token");
}
