import { readFile } from "node:fs/promises";

/** A file of the dashboard's page, as served. */
export interface PageFile {
  readonly url: string;
  readonly type: string;
  readonly content: string;
}

/** The path is the same from `src` and `dist`, which are both one level below the package. */
const built = new URL("../dist/page/", import.meta.url);

const files = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/emulator/page/app.js", "app.js", "text/javascript; charset=utf-8"],
  ["/emulator/page/style.css", "style.css", "text/css; charset=utf-8"],
  ["/emulator/page/icon.svg", "icon.svg", "image/svg+xml"],
] as const;

/** Reads the built page. Without a build, every file is a text with the build command. */
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
