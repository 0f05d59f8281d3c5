import type { FileSystem } from "./file-system.ts";

/** Writes everything: a single call may write only a part, as on a disk that is filling up. */
export async function writeAll(
  io: FileSystem,
  fd: number,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await io.write(fd, bytes.subarray(done), position + done);
    if (written === 0) throw Object.assign(new Error("ENOSPC: nothing was written"), { code: "ENOSPC" });
    done += written;
  }
}
