import type { Emulator } from "@x/emulator";
import type { Actor } from "./actor.ts";
import type { Story } from "./story.ts";

export interface Stage {
  readonly emulator: Emulator;
  readonly actors: readonly [Actor, Actor, Actor];
  readonly story: Story;
}

const statusOf = ({ emulator }: Stage, id: string) =>
  emulator.workspaces().find((view) => view.id === id)?.status;
const requestsOf = ({ emulator }: Stage, id: string) => emulator.requests.filter((r) => r.workspaceId === id);

export async function registration(stage: Stage): Promise<void> {
  const { actors, story } = stage;
  story.chapter("1. Three workspaces register. Each is handed a token, once, and keeps it in a file");
  for (const actor of actors) actor.start();
  for (const actor of actors) {
    await story.expect(`${actor.id} is registered, and its token is stored`, () => actor.saw("token-saved"));
    const mode = await actor.fileMode().catch(() => "missing");
    await story.expect(`${actor.file} has mode 0600`, () => mode === "0600", 0);
  }
}

export async function beats(stage: Stage): Promise<void> {
  const { actors, story } = stage;
  story.chapter("2. They beat, every 30 s, and are online");
  for (const actor of actors) {
    await story.expect(
      `${actor.id} beat three times and is online`,
      () => actor.saw("beat", 3) && statusOf(stage, actor.id) === "online",
    );
  }
}

export async function rotation(stage: Stage): Promise<void> {
  const { emulator, story } = stage;
  const [actor] = stage.actors;
  story.chapter(
    `3. The platform rotates ${actor.id}'s token: the old one is revoked, then the file is rewritten`,
  );
  await emulator.rotate(actor.id, { file: actor.file, delayMs: 20 });
  const before = requestsOf(stage, actor.id).length;
  const since = () => requestsOf(stage, actor.id).slice(before);
  await story.expect(`${actor.id} is refused with a 401`, () => since().some(({ status }) => status === 401));
  await story.expect(`${actor.id} took the new token from its file, and is accepted`, () =>
    since().some(
      ({ status }, index, all) => status === 200 && all.slice(0, index).some((r) => r.status === 401),
    ),
  );
}

export async function restart(stage: Stage): Promise<void> {
  const { emulator, story } = stage;
  const actor = stage.actors[1];
  story.chapter(`4. ${actor.id} is stopped and started again`);
  await actor.stop();
  const before = requestsOf(stage, actor.id).length;
  actor.start();
  await story.expect(`${actor.id}'s first request carries the stored token`, () => {
    const first = requestsOf(stage, actor.id)[before];
    return first?.path === "/registry/register" && first.status === 200 && "authorization" in first.headers;
  });
  await story.expect(`${actor.id} beats again, and no new token was issued`, () => {
    return actor.saw("beat") && !actor.saw("token-adopted") && emulator.workspaces().length === 3;
  });
}

export async function outage(stage: Stage): Promise<void> {
  const { emulator, actors, story } = stage;
  story.chapter("5. The platform is gone for a while, and comes back");
  await emulator.outage({ kind: "refuse" });
  for (const actor of actors) {
    await story.expect(
      `the platform takes ${actor.id} for gone`,
      () => statusOf(stage, actor.id) === "offline",
    );
  }
  const failed = actors.map(({ notices }) => notices.filter(({ type }) => type === "failed").length);
  story.tell(`meanwhile they tried ${failed.join(", ")} times, each time after a longer pause`);
  await emulator.outage(null);
  for (const actor of actors) {
    await story.expect(`${actor.id} is online again, with the token it had`, () => {
      return actor.saw("recovered") && statusOf(stage, actor.id) === "online";
    });
  }
}
