/** Long enough to be shown shortened, and easy to find in any output. */
export const fileToken: string = "file-s3cr3t-abcdefghijklmnopqr-s3cr3t-0001";
export const envToken: string = "env0-s3cr3t-abcdefghijklmnopqr-s3cr3t-0002";
export const newToken: string = "issd-s3cr3t-abcdefghijklmnopqr-s3cr3t-0003";
export const rotatedToken: string = "rota-s3cr3t-abcdefghijklmnopqr-s3cr3t-0004";
export const workspaceToken: string = "work-s3cr3t-abcdefghijklmnopqr-s3cr3t-0005";

export const allTokens: readonly string[] = [fileToken, envToken, newToken, rotatedToken, workspaceToken];
