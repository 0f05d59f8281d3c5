import { PassThrough, Stream } from "node:stream";
import { type Auth, type AuthFetchOptions, createAuthFetch } from "@x/auth-core";

/** Options of an `authInterceptor`. */
export type AuthInterceptorOptions = AuthFetchOptions;

/**
 * The type that axios's `interceptors.request.use` takes.
 *
 * @typeParam C axios's request config
 */
export type AuthInterceptor = <C extends object>(config: C) => C;

/**
 * Config of axios's `node:http` adapter that affects where or how a request is sent, and that `fetch` does not have.
 */
const NOT_OF_FETCH = [
  "proxy",
  "httpAgent",
  "httpsAgent",
  "socketPath",
  "transport",
  "lookup",
  "beforeRedirect",
];

/**
 * A request interceptor for axios 1.12 or newer. It sends requests through axios's own `fetch` adapter and
 * `createAuthFetch`, with the same rules: it signs requests to the platform's origin only, retries once after a 401,
 * and follows redirects within the platform's origin only. axios and its errors never see the token.
 *
 * A request fails with a TypeError if its config requires axios's `node:http` adapter, such as `httpsAgent` or `proxy`:
 * give the interceptor a `fetch` that does the same, for instance undici's with a dispatcher. With `maxRedirects: 0`, a
 * redirect is the response; other limits have no effect. The errors of `createAuthFetch` become the `cause` of an
 * AxiosError.
 *
 * @throws AuthError `WORKSPACE_ID_INVALID`
 * @example
 * axios.interceptors.request.use(authInterceptor(auth));
 */
export function authInterceptor(auth: Auth, options: AuthInterceptorOptions = {}): AuthInterceptor {
  const fetch = createAuthFetch(auth, options);
  return (config) => {
    const settings = new Map<string, unknown>(Object.entries(config));
    const foreign = NOT_OF_FETCH.find((name) => settings.get(name));
    if (foreign !== undefined) {
      throw new TypeError(
        `axios sends signed requests with fetch, which has no \`${foreign}\`: pass authInterceptor your own \`fetch\` instead.`,
      );
    }
    const fetchOptions = { ...(settings.get("fetchOptions") as object) };
    if (settings.get("maxRedirects") === 0) Object.assign(fetchOptions, { redirect: "manual" });
    const env = { ...(settings.get("env") as object), fetch };
    // A set, because a repeated request brings its config along.
    const transforms = new Set([settings.get("transformRequest") ?? []].flat()).add(forFetch);
    return Object.assign(config, { adapter: "fetch", env, fetchOptions, transformRequest: [...transforms] });
  };
}

/** The part of axios's headers that is used here. */
interface ContentHeaders {
  getContentType(): unknown;
  set(headers: object): void;
  /** @param rewrite `false`: an existing one stays */
  setContentType(type: string | false, rewrite?: false): void;
}

/**
 * Makes a form or blob sendable. On Node, axios's `fetch` adapter calls both `application/x-www-form-urlencoded`, and
 * sends a form of the package form-data as the text `[object FormData]`.
 */
function forFetch(this: { onUploadProgress?: unknown }, data: unknown, headers: ContentHeaders): unknown {
  if (data instanceof Blob) headers.setContentType(data.type || "application/octet-stream", false);
  if (isFormDataPackage(data)) {
    headers.set(data.getHeaders());
    const body = new PassThrough();
    data.on("error", (error) => body.destroy(error)).pipe(body);
    return body;
  }
  if (Object.prototype.toString.call(data) !== "[object FormData]") return data;
  const isLabelled = this.onUploadProgress || /boundary=/i.test(`${headers.getContentType()}`);
  // Without a content type of axios's, `fetch` sets its own, with the boundary.
  if (!isLabelled) headers.setContentType(false);
  return data;
}

/** A form of the package form-data, which axios also creates itself. Before version 4.0.3 it is not tagged as one. */
const isFormDataPackage = (data: unknown): data is NodeJS.ReadableStream & { getHeaders(): object } =>
  data instanceof Stream && "getHeaders" in data;
