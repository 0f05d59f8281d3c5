import type { AccessOptions } from "@x/auth-core";
import type { FileCalls, Subject } from "./file-calls.ts";
import type { Area } from "./locations.ts";
import type { SecretFile } from "./operations.ts";
import { ownProperties } from "./own.ts";
import type { SpillStorage, WorkspaceRef } from "./workspace-store.ts";

/** What all storages of a kind share. */
export interface SecretKind {
  readonly calls: FileCalls;
  /** Such as `The token`. */
  readonly what: string;
  readonly area: Area;
  readonly fileName: string;
  /** Called with each secret that is read or written. */
  readonly onSecret: (ref: WorkspaceRef, text: string) => void;
}

/** A secret of one workspace in its file, accessed through the file threads. Small, because a runner has thousands. */
export class SecretStorage implements SpillStorage {
  readonly #kind: SecretKind;
  readonly #ref: WorkspaceRef;

  constructor(kind: SecretKind, ref: WorkspaceRef) {
    this.#kind = kind;
    this.#ref = ref;
  }

  get location(): string {
    return this.#prepare("read", {}).subject.location;
  }

  async read(options: AccessOptions = {}): Promise<string | null> {
    const { file, ...call } = this.#prepare("read", options);
    const text = await this.#kind.calls.call("readToken", file, call);
    if (text !== null) this.#kind.onSecret(this.#ref, text);
    return text;
  }

  async write(text: string, options: AccessOptions = {}): Promise<void> {
    this.#kind.onSecret(this.#ref, text);
    const { file, ...call } = this.#prepare("write", options);
    return this.#kind.calls.call("writeToken", { file, token: text }, call);
  }

  async replace(expected: string | null, text: string, options: AccessOptions = {}): Promise<boolean> {
    this.#kind.onSecret(this.#ref, text);
    const { file, ...call } = this.#prepare("write", options);
    return this.#kind.calls.call("replaceToken", { file, expected, token: text }, call);
  }

  async remove(options: AccessOptions & { readonly only?: string } = {}): Promise<void> {
    const { file, ...call } = this.#prepare("write", options);
    const { only = null } = ownProperties(options);
    return this.#kind.calls.call("removeToken", { file, only }, call);
  }

  async probe(options: AccessOptions = {}): Promise<void> {
    const { file, ...call } = this.#prepare("write", options);
    return this.#kind.calls.call("probeToken", file, call);
  }

  /**
   * The audience of a call takes precedence over the workspace's own: a token is read and written for only one of them.
   */
  #prepare(access: Subject["access"], options: AccessOptions) {
    const { calls, what, area, fileName } = this.#kind;
    const { platformOrigin = this.#ref.platformOrigin, signal } = ownProperties(options);
    const place = calls.place({ platformOrigin, workspaceId: this.#ref.workspaceId }, area);
    const file: SecretFile = { ...place, fileName };
    return { file, subject: calls.subject(what, place, { fileName, access }), signal };
  }
}
