import { Announcer } from "./announcer.ts";
import { type Outcome, remove, revoke } from "./controls.ts";
import { RemoveDialog, RotateDialog } from "./dialogs.ts";
import { byId, only, setData, setText } from "./dom.ts";
import { type Connection, followFeed } from "./feed-client.ts";
import { Filters } from "./filters.ts";
import { count } from "./format.ts";
import { type CardAction, Grid } from "./grid.ts";
import { offerToJoin } from "./join/section.ts";
import { Model } from "./model.ts";
import { PlatformControls } from "./platform-controls.ts";
import { TimelineView } from "./timeline.ts";

/*
 * Everything on the page is a part of its own that is given messages or the model. The section by which this
 * very tab joins as a workspace is given neither: it knows of the platform what any agent knows.
 */

/** More cards than this are no use to anyone; the filter finds the others. */
const MAX_CARDS = 240;

const model = new Model();
const platform = new PlatformControls(showProblem);
const filters = new Filters(render);
const grid = new Grid(act);
const timeline = new TimelineView();
const announcer = new Announcer();
const removeDialog = new RemoveDialog();
const rotateDialog = new RotateDialog();
offerToJoin();

let drawn = true;
followFeed((message) => {
  const isFirst = model.platform === null;
  model.apply(message);
  timeline.add(message.events, message.skipped);
  if (!isFirst) announcer.announce(message.events);
  if (!drawn) return;
  drawn = false;
  requestAnimationFrame(() => {
    drawn = true;
    render();
  });
}, showConnection);

function render(): void {
  if (!model.platform) return;
  platform.render(model.platform);
  filters.render(model.counts(), model.platform.workspaces);
  const { shown, matching } = model.select(filters.value, MAX_CARDS, grid.focused);
  grid.render(shown, model.now);
  showHowMany(shown.length, matching, model.platform.workspaces);
}

function showHowMany(shown: number, matching: number, total: number): void {
  const line = byId("shown", HTMLElement);
  line.hidden = shown === matching;
  setText(line, `The first ${count(shown)} of ${count(matching)}. Filter to see others.`);
  byId("empty", HTMLElement).hidden = shown > 0;
  const hint = byId("empty-hint", HTMLElement);
  hint.hidden = total > 0;
  setText(hint, `export PLATFORM_URL=${location.origin}`);
  setText(
    byId("empty-text", HTMLElement),
    total === 0 ? "No workspace has registered yet. Point an agent here:" : "No workspace passes the filter.",
  );
}

async function act(action: CardAction, id: string): Promise<void> {
  switch (action) {
    case "rotate":
      return rotateDialog.open(id);
    case "revoke":
      return showProblem(await revoke(id));
    case "remove":
      return removeDialog.open(id, async () => {
        showProblem(await remove(id));
        // Its buttons go with it, and with them the focus.
        grid.focus(id);
      });
  }
}

/** Says what went wrong with a control; what went well is seen anyway. */
function showProblem(outcome: Outcome): void {
  setText(byId("problem", HTMLElement), outcome.ok ? "" : outcome.reason);
}

function showConnection(connection: Connection): void {
  if (connection === "live") timeline.clear();
  const line = byId("connection", HTMLElement);
  setData(line, "state", connection);
  setText(only(line, "span", HTMLElement), connection === "lost" ? "no connection" : connection);
}
