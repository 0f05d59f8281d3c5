import type { StoreConfig } from "../../config/store-flags.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { whenUsable, withStore } from "./with-store.ts";

/** Encrypts everything that another key of the key file encrypted with the file's first key. */
export function resealStore(config: StoreConfig | null): Promise<ExitCode> {
  return withStore(config, (store, { keyFile }) =>
    whenUsable(store, async () => {
      const count = await store.reseal();
      const rows = count === 1 ? "1 row" : `${count} rows`;
      console.log(
        count === 0
          ? `${store.location}: everything is encrypted with the first key of ${keyFile}; the other keys can be removed.`
          : `${store.location}: ${rows} encrypted with the first key of ${keyFile}. ` +
              "When every runner has been started with it as its first key, run this once more, then remove the other keys.",
      );
      return EXIT.ok;
    }),
  );
}
