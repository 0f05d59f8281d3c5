import { readFile } from "node:fs/promises";

/** A file of the dashboard's page, as it is served. */
export interface PageFile {
  readonly url: string;
  readonly type: string;
  readonly content: string;
}

/** The path is the same from `src` and from `dist`, which both are one level below the package. */
const built = new URL("../dist/page/", import.meta.url);

const files = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/emulator/page/app.js", "app.js", "text/javascript; charset=utf-8"],
  ["/emulator/page/style.css", "style.css", "text/css; charset=utf-8"],
  ["/emulator/page/icon.svg", "icon.svg", "image/svg+xml"],
] as const;

/** Reads the page that the build made. Where there is none, every file says how to make it. */
export async function readPageFiles(): Promise<PageFile[]> {
  return Promise.all(
    files.map(async ([url, name, type]) => {
      const content = await readFile(new URL(name, built), "utf8").catch(() => null);
      return content === null
        ? { url, type: "text/plain; charset=utf-8", content: "The dashboard is not built yet: pnpm build\n" }
        : { url, type, content };
    }),
  );
}
