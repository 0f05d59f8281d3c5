import { byId } from "../dom.ts";
import { type Choice, readChoice, writeChoice } from "./choice.ts";
import { JoinForm } from "./form.ts";
import { MemberPanel } from "./member-panel.ts";
import { createMembership } from "./membership.ts";
import { Runner, type Standing, type Timer } from "./runner.ts";

const timer: Timer = {
  now: () => Date.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
};

interface Membership {
  readonly runner: Runner;
  close(): void;
}

/** The section by which this very tab joins as a workspace; after a reload it does so by itself. */
export function offerToJoin(): void {
  let joined: Membership | null = null;
  const form = new JoinForm((choice) => {
    writeChoice(choice);
    join(choice);
    // The button that had the focus is gone.
    panel.focus();
  });
  const panel = new MemberPanel({
    give: async (token) => joined?.runner.give(token) ?? { kind: "failed", why: "it left", waitMs: 0 },
    leave() {
      joined?.close();
      joined = null;
      writeChoice(null);
      panel.close();
      form.hidden = false;
      form.focus();
    },
  });

  function join(choice: Choice): void {
    form.fill(choice);
    form.hidden = true;
    panel.open(choice);
    joined = start(choice, panel);
  }

  const choice = readChoice();
  if (!choice) return;
  byId("join", HTMLDetailsElement).open = true;
  join(choice);
}

function start(choice: Choice, panel: MemberPanel): Membership {
  const membership = createMembership(choice);
  let newest: Standing | null = null;
  const changed = async (standing: Standing) => {
    newest = standing;
    if (standing.phase === "removed") writeChoice(null);
    const holding = await membership.holding();
    if (standing === newest) panel.render(choice, standing, holding);
  };
  const runner = new Runner({ membership, intervalMs: choice.intervalMs, timer, changed });
  runner.start();
  return {
    runner,
    close() {
      newest = null;
      runner.stop();
      membership.close();
    },
  };
}
