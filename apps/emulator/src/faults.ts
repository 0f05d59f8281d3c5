/** A failure mode of the platform. */
export type Fault =
  /** The connection is reset as soon as the request arrives. */
  | { readonly kind: "refuse" }
  /** The request is accepted and never answered. */
  | { readonly kind: "hang" }
  /** An answer from the edge in front of the platform; the request does not reach it. */
  | {
      readonly kind: "status";
      /** 200 to 599. */
      readonly status: number;
      /** Sent as `Retry-After`. */
      readonly retryAfterSeconds?: number;
      /** Default: the usual body of the platform, or of its edge, for this status. */
      readonly body?: string;
    }
  /** The request is processed, and the connection is reset before the answer. */
  | { readonly kind: "lose-response" };

/** A change of the failure mode. */
export type FaultEvent =
  /** `fault` is null at the end of an outage. */
  | { readonly type: "outage"; readonly fault: Fault | null; readonly scope?: FaultScope }
  | { readonly type: "latency"; readonly ms: number };

/** The requests that a fault affects. */
export interface FaultScope {
  /** The number of matching requests after which the outage ends. Default: unlimited. */
  readonly forRequests?: number;
  /** Only these paths; `*` matches any text, as in `/workspaces/*`. Default: all but the controls. */
  readonly paths?: readonly string[];
}

/** The platform's current faults. */
export interface Faults {
  /** Starts an outage, or ends it with null. Throws a `RangeError` that names the invalid field. */
  set(fault: Fault | null, scope?: FaultScope): void;
  /** The fault for this request, if any; counts the request. */
  take(path: string): Fault | null;
  /** Delays every answer. Throws a `RangeError` for anything but 0 to 2^31-1 ms. */
  setLatency(ms: number): void;
  readonly current: Fault | null;
  /** The remaining scope of the current fault. */
  readonly scope: FaultScope;
  readonly latencyMs: number;
}

/** Creates a platform without faults. */
export function createFaults(emit: (event: FaultEvent) => void): Faults {
  let fault: Fault | null = null;
  let left = Number.POSITIVE_INFINITY;
  let paths: readonly string[] | undefined;
  let hits: (path: string) => boolean = () => true;
  let latencyMs = 0;

  const end = () => {
    fault = null;
    emit({ type: "outage", fault: null });
  };

  return {
    set(next, scope = {}) {
      if (!next) return end();
      check(next, scope);
      fault = { ...next };
      left = scope.forRequests ?? Number.POSITIVE_INFINITY;
      paths = scope.paths;
      hits = pathMatcher(paths);
      emit({ type: "outage", fault, scope });
    },
    take(path) {
      if (!fault || !hits(path)) return null;
      const taken = fault;
      left -= 1;
      if (left <= 0) end();
      return taken;
    },
    setLatency(ms) {
      if (!Number.isFinite(ms) || ms < 0 || ms > 2_147_483_647) {
        throw new RangeError("latency: a number of milliseconds from 0 to 2147483647");
      }
      latencyMs = ms;
      emit({ type: "latency", ms });
    },
    get current() {
      return fault;
    },
    get scope() {
      return { ...(paths && { paths }), ...(Number.isFinite(left) && { forRequests: left }) };
    },
    get latencyMs() {
      return latencyMs;
    },
  };
}

function check(fault: Fault, { forRequests }: FaultScope): void {
  if (forRequests !== undefined && !(Number.isInteger(forRequests) && forRequests > 0)) {
    throw new RangeError("forRequests: a whole number of requests, at least 1");
  }
  if (fault.kind !== "status") return;
  if (!(Number.isInteger(fault.status) && fault.status >= 200 && fault.status <= 599)) {
    throw new RangeError("status: a whole number from 200 to 599");
  }
  const { retryAfterSeconds } = fault;
  if (retryAfterSeconds !== undefined && !(Number.isInteger(retryAfterSeconds) && retryAfterSeconds >= 0)) {
    throw new RangeError("retryAfterSeconds: a whole number of seconds");
  }
}

function pathMatcher(paths: readonly string[] | undefined): (path: string) => boolean {
  if (!paths) return () => true;
  const patterns = paths.map((path) => {
    const literal = path.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${literal.join(".*")}$`);
  });
  return (path) => patterns.some((pattern) => pattern.test(path));
}
