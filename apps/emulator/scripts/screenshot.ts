import { mkdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromiumLaunch } from "@x/e2e-browser/chromium";
import { chromium } from "playwright-core";
import { startEmulator, workspaceId } from "../src/index.ts";
import { playScene } from "./scene.ts";

const shots = [
  { name: "dashboard", scheme: "light", width: 1280, height: 800 },
  { name: "dashboard-dark", scheme: "dark", width: 1280, height: 800 },
  { name: "dashboard-phone", scheme: "light", width: 360, height: 740 },
] as const;

/** Takes screenshots of the dashboard into `docs` at the root, or into the given folder. */
const folder = process.argv[2] ?? fileURLToPath(new URL("../../../docs", import.meta.url));
const wanted = process.argv.length > 2 ? shots : shots.slice(0, 2);

let now = Date.UTC(2026, 0, 15, 9, 30);
const emulator = await startEmulator({
  clock: { now: () => now },
  rateLimit: { max: 10_000, windowMs: 60_000 },
});
const browser = await chromium.launch(chromiumLaunch());
try {
  await playScene(emulator, (ms) => {
    now += ms;
  });
  await mkdir(folder, { recursive: true });
  for (const { name, scheme, width, height } of wanted) {
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: scheme,
      reducedMotion: "reduce",
      timezoneId: "UTC",
    });
    const fjord = workspaceId("fjord");
    await page.goto(name === "dashboard-phone" ? emulator.url : `${emulator.url}/?workspace=${fjord}`);
    await page.locator("#rows > tr[data-id]").first().waitFor();
    if (name !== "dashboard-phone") await page.locator("#requests > li").first().waitFor();
    const path = `${folder}/${name}.png`;
    await page.screenshot({ path });
    await page.close();
    console.log(`${path}: ${Math.ceil((await stat(path)).size / 1024)} kB`);
  }
} finally {
  await browser.close();
  await emulator.close();
}
