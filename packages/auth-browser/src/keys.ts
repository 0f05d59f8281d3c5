import type { AccessOptions } from "@x/auth-core";

/** Each platform's token has its own key; without a platform it is the plain key, as in the first layout. */
export const keyFor = (key: string, { platformOrigin }: AccessOptions = {}): string =>
  platformOrigin ? `${key}@${platformOrigin}` : key;
