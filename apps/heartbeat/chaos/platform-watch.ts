import type { Emulator } from "@x/emulator";

/** What the platform has seen, from its events: the emulator keeps only the last requests. */
export class PlatformWatch {
  /** Registrations, accepted or not. */
  registrations = 0;
  unauthorized = 0;
  tokensIssued = 0;
  /** Workspaces that it has set offline. */
  readonly offline = new Set<string>();
  readonly online = new Set<string>();
  /** When a workspace's last request was accepted, in milliseconds since 1970. */
  readonly acceptedAt = new Map<string, number>();
  readonly #emulator: Emulator;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
    emulator.subscribe((event) => {
      if (event.type === "registered" || event.type === "heartbeat")
        this.acceptedAt.set(event.workspaceId, Date.now());
      if (event.type === "registered") {
        this.registrations += 1;
        if (event.tokenIssued) this.tokensIssued += 1;
      }
      if (event.type === "unauthorized") {
        this.unauthorized += 1;
        if (event.path === "/registry/register") this.registrations += 1;
      }
    });
  }

  /** The emulator detects a change of status when the workspace is read. */
  check(): void {
    for (const { id, status } of this.#emulator.workspaces()) {
      if (status === "online") this.online.add(id);
      else if (status === "offline" && this.online.has(id)) this.offline.add(id);
    }
  }
}
