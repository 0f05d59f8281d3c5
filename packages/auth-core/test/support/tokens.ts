/** Long enough to be shown shortened, and easy to find in any output. */
export const fileToken: string = "file-token-abcdefghijklmnopqrstuvwxyz-0001";
export const envToken: string = "env0-token-abcdefghijklmnopqrstuvwxyz-0002";
export const issuedToken: string = "issd-token-abcdefghijklmnopqrstuvwxyz-0003";
export const rotatedToken: string = "rota-token-abcdefghijklmnopqrstuvwxyz-0004";
export const workspaceToken: string = "work-token-abcdefghijklmnopqrstuvwxyz-0005";

export const allTokens: readonly string[] = [fileToken, envToken, issuedToken, rotatedToken, workspaceToken];
