/** Long enough to be abbreviated, and easy to find in any output. */
export const stored = "file-s3cr3t-abcdefghijklmnopqr-s3cr3t-0001";
export const envToken = "env0-s3cr3t-abcdefghijklmnopqr-s3cr3t-0002";
export const issued = "issd-s3cr3t-abcdefghijklmnopqr-s3cr3t-0003";
export const rotated = "rota-s3cr3t-abcdefghijklmnopqr-s3cr3t-0004";
export const own = "work-s3cr3t-abcdefghijklmnopqr-s3cr3t-0005";

const all = [stored, envToken, issued, rotated, own];

/** Whether a text contains a secret. */
export const holdsToken = (text: string) => all.some((token) => text.includes(token));
