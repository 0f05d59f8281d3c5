import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AccessOptions, TokenStorage } from "@x/auth-core";
import { nothingStored } from "../../soak/nothing-stored.ts";
import { directoryOf, type Layout } from "../../src/storage/locations.ts";
import { refKey, type WorkspaceRef, type WorkspaceStore } from "../../src/storage/workspace-store.ts";
import type { Audit, Life } from "./audit.ts";
import type { Area, Condition, Disk } from "./disk.ts";
import type { Product } from "./load-product.ts";

const FILE = ".auth_token";

/** Real files in a directory, accessed by the file threads' code, but without the threads. */
export class FileDisk implements Disk {
  readonly conditions: Record<Area, Condition> = { token: "works", spill: "works" };
  readonly #product: Product;
  readonly #audit: Audit;
  readonly #layout: Layout;
  readonly #root: { readonly configsDir: string; readonly home: undefined };

  constructor(options: {
    readonly product: Product;
    readonly audit: Audit;
    readonly layout: Layout;
    readonly directory: string;
  }) {
    this.#product = options.product;
    this.#audit = options.audit;
    this.#layout = options.layout;
    this.#root = { configsDir: options.directory, home: undefined };
  }

  async peek(area: Area, ref: WorkspaceRef): Promise<string | null> {
    const { signal } = new AbortController();
    return this.#files().use(this.#file(area, ref), signal, (storage, options) => storage.read(options));
  }

  provision(ref: WorkspaceRef, token: string): void {
    const directory = directoryOf(this.#file("token", ref));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, FILE), token, { mode: 0o600 });
  }

  open(life: Life): WorkspaceStore {
    const files = this.#files();
    const storage = (area: Area, ref: WorkspaceRef) => this.#storage(life, files, { area, ref });
    return {
      ...nothingStored,
      token: (ref) => storage("token", ref),
      spill: (ref) => storage("spill", ref),
      spilled: async () => {
        const refs = this.#product.listSpilled({ root: this.#root, limit: 10 });
        return new Set(refs.map(refKey));
      },
    };
  }

  #files() {
    const { TokenFiles, WorkspaceDirectories, syncFileSystem } = this.#product;
    const options = { io: syncFileSystem, onEvent: () => {} };
    return new TokenFiles(new WorkspaceDirectories(options), options);
  }

  #file(area: Area, { platformOrigin, workspaceId }: WorkspaceRef) {
    return {
      platformOrigin,
      workspaceId,
      area: area === "token" ? ("workspaces" as const) : ("unsaved" as const),
      layout: this.#layout,
      root: this.#root,
      fileName: FILE,
    };
  }

  #storage(
    life: Life,
    files: InstanceType<Product["TokenFiles"]>,
    { area, ref }: { readonly area: Area; readonly ref: WorkspaceRef },
  ): TokenStorage {
    const refOf = ({ platformOrigin = ref.platformOrigin }: AccessOptions = {}): WorkspaceRef => ({
      platformOrigin,
      workspaceId: ref.workspaceId,
    });
    type Work<T> = (storage: Required<TokenStorage>, options: AccessOptions) => T | Promise<T>;
    const use = <T>(access: AccessOptions | undefined, work: Work<T>) =>
      files.use(this.#file(area, refOf(access)), access?.signal ?? new AbortController().signal, work);
    return {
      location: area,
      read: (access) => use(access, (storage, options) => storage.read(options)),
      write: (text, access) => {
        this.#audit.writes(life, refOf(access), { what: area, text });
        return use(access, (storage, options) => storage.write(text, options));
      },
      replace: (expected, text, access) => {
        this.#audit.writes(life, refOf(access), { what: area, text, before: expected });
        return use(access, (storage, options) => storage.replace(expected, text, options));
      },
      remove: (access) => {
        this.#audit.touches(life, refOf(access), area);
        return use(access, (storage, options) => storage.remove(options));
      },
      probe: async (access) => {
        await use(access, (storage, options) => storage.probe(options));
        this.#audit.probed(life, refOf(access));
      },
    };
  }
}
