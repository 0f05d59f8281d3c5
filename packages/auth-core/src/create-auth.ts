import type { Auth, AuthOptions, CallOptions } from "./auth.ts";
import { unlessAborted } from "./bounded.ts";
import { own } from "./own.ts";
import { platformOrigin } from "./platform-url.ts";
import { choose, explainChoice } from "./resolution.ts";
import type { Signal } from "./signal.ts";
import { Signer } from "./signer.ts";
import { cleanText, redactToken } from "./token.ts";
import { validateWorkspaceId } from "./workspace-id.ts";

/**
 * Creates an `Auth`. Instances share no state.
 *
 * @throws AuthError `PLATFORM_URL_INVALID`, `ORG_ID_INVALID`; TypeError without a storage, or unless `sourceTimeoutMs`
 * is more than 0
 * @example
 * const auth = createAuth({ storage: memoryTokenStorage(), platformUrl: "https://platform.example" });
 * const response = await withAuth(auth, { url, send: (headers) => fetch(url, { headers }) });
 */
export function createAuth(options: AuthOptions): Auth {
  return authOf(new Signer(options));
}

/** The methods of an `Auth`; none of them needs `this`. */
export function authOf(signer: Signer): Auth {
  const { storage, registry } = signer;
  return {
    getToken: async (call) => (await signer.look(signalOf(call))).token,
    async saveToken(token, more) {
      const { sentWith, platformOrigin: origin, signal } = own(more);
      const cache = origin ? signer.cacheFor(platformOrigin(origin)) : signer.current();
      return cache.save(token, sentWith, signal);
    },
    async refreshCache(call) {
      const signal = signalOf(call);
      signer.current().drop();
      return (await signer.look(signal)).token;
    },
    rejectToken: (token) => signer.reject(token),
    clearCache() {
      signer.drop();
      registry.clear();
    },
    registerWorkspaceToken(workspaceId, token, more) {
      const replaced = registry.register(workspaceId, token, own(more).platformUrl);
      signer.claimFor(registry.get(workspaceId.trim()));
      if (!replaced) return;
      signer.emit({
        type: "token-rotated",
        workspaceId: replaced.id,
        before: redactToken(replaced.token),
        after: redactToken(token.trim()),
      });
    },
    getWorkspaceToken: (workspaceId) => registry.get(workspaceId.trim())?.token ?? null,
    listRegisteredWorkspaces: () => registry.ids(),
    async authHeaders(workspaceId, call) {
      const signal = signalOf(call);
      return signer.signNow(signer.find(workspaceId), null) ?? signer.sign(workspaceId, null, signal);
    },
    async selfSourceHeaders(workspaceId, call) {
      const signal = signalOf(call);
      const exact = registry.get(workspaceId);
      const id = exact?.id ?? validateWorkspaceId(workspaceId);
      return signer.signNow(exact ?? registry.get(id), id) ?? signer.sign(id, id, signal);
    },
    async recover(refused, more) {
      const { Authorization, "X-Workspace-ID": sourceId = null } = own(refused);
      const bearer = Authorization?.slice(7) ?? "";
      // Browsers hide `Origin`, and copies of the headers lose it: then look up the platform by the token.
      const Origin = Object.hasOwn(refused, "Origin") ? refused.Origin : signer.ownerOf(bearer)?.origin;
      const { workspaceId = sourceId, signal } = own(more);
      let fresh = await signer.sign(workspaceId, sourceId, signal);
      if (fresh.Origin === Origin && fresh.Authorization === Authorization) {
        // Reads the sources once for all requests rejected with this token.
        signer.reject(bearer);
        fresh = await signer.sign(workspaceId, sourceId, signal);
      }
      const isOther = fresh.Authorization && fresh.Authorization !== Authorization;
      return isOther && fresh.Origin === Origin ? fresh : null;
    },
    platformOrigin: (workspaceId) => signer.platformOf(workspaceId)?.origin ?? null,
    platformUrl: (workspaceId) => signer.platformOf(workspaceId)?.url ?? null,
    async explain(workspaceId, call) {
      const signal = signalOf(call);
      const workspace = signer.find(workspaceId);
      const cache = workspace?.platform ? signer.cacheFor(workspace.platform.origin) : signer.current();
      const { cached, sources } = await unlessAborted(cache.inspect(), signal);
      const id = cleanText(workspaceId);
      const token = workspace?.token ?? null;
      const mine = { source: "workspace", location: "registry", token } as const;
      const first = token ? mine : cached;
      const used = choose(first.token ? [first] : sources, cache);
      return explainChoice(id, [...(id ? [mine] : []), cached, ...sources], used, cache);
    },
    watch(call) {
      const { signal } = own(call);
      if (signal?.aborted || typeof storage.watch !== "function") return () => {};
      const changed = () => {
        signer.drop();
        signer.emit({ type: "storage-changed", location: storage.location });
      };
      const stop = storage.watch(changed, signal && { signal });
      signal?.addEventListener("abort", stop);
      return stop;
    },
  };
}

/** The call's signal; throws its reason if it has aborted. */
export function signalOf(call: CallOptions | undefined): Signal | undefined {
  const signal = call && own(call).signal;
  if (signal?.aborted) throw signal.reason;
  return signal;
}
