/** Long enough to be shown shortened, and easy to find in any output. */
export const stored = "file-token-abcdefghijklmnopqrstuvwxyz-0001";
export const variable = "env0-token-abcdefghijklmnopqrstuvwxyz-0002";
export const issued = "issd-token-abcdefghijklmnopqrstuvwxyz-0003";
export const rotated = "rota-token-abcdefghijklmnopqrstuvwxyz-0004";
export const own = "work-token-abcdefghijklmnopqrstuvwxyz-0005";

const all = [stored, variable, issued, rotated, own];

/** True when a secret shows. */
export const tells = (text: string) => all.some((token) => text.includes(token));
