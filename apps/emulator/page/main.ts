import { showAddress } from "./address.ts";
import { Announcer } from "./announcer.ts";
import { Chart } from "./chart.ts";
import { ConnectionLine } from "./connection.ts";
import { type Outcome, remove, revoke } from "./controls.ts";
import { Details, type DetailsAction } from "./details/panel.ts";
import { ConfirmDialog, offerToAdd, offerToReset, rotateDialog } from "./dialogs.ts";
import { byId, setText } from "./dom.ts";
import { followFeed } from "./feed-client.ts";
import { Filters } from "./filters.ts";
import { count } from "./format.ts";
import { offerToJoin } from "./join/section.ts";
import { Model } from "./model.ts";
import { PlatformControls } from "./platform-controls.ts";
import { toggled } from "./table/columns.ts";
import { Order } from "./table/order.ts";
import { labelOf } from "./table/row.ts";
import { Table } from "./table/table.ts";
import { TimelineView } from "./timeline.ts";
import { View } from "./view.ts";
import type { ViewState } from "./view-state.ts";

/*
 * Every part of the page receives messages or the model. The section through which this tab joins as a workspace
 * receives neither: it has the same access to the platform as any agent.
 */

let isDrawn = true;
let rest: ReturnType<typeof setTimeout> | undefined;

const model = new Model();
const order = new Order(model);
const view = new View(show);
const platform = new PlatformControls(report);
const connection = new ConnectionLine();
const chart = new Chart();
const filters = new Filters({
  kind: (kind) => view.push({ kind }),
  search: (search) => view.replace({ search }),
});
const table = new Table({
  open(workspace) {
    view.push({ workspace });
    details.reveal();
  },
  close: () => view.push({ workspace: null }),
  sort: (column) => view.push({ sort: toggled(view.state.sort, column) }),
});
const details = new Details(act);
const nameOf = (id: string) => {
  const card = model.card(id);
  return card ? labelOf(card) : id.slice(0, 8);
};
const timeline = new TimelineView(nameOf, {
  filter: ({ workspaceId, errorsOnly }) =>
    view.push({
      ...(workspaceId !== undefined && { events: workspaceId }),
      ...(errorsOnly !== undefined && { errorsOnly }),
    }),
});
const announcer = new Announcer(nameOf);
const confirmRemoval = new ConfirmDialog("remove-dialog");
const openRotation = rotateDialog();
offerToReset(report);
offerToAdd((workspace) => view.push({ workspace }));
showAddress();
offerToJoin();
show(view.state);

followFeed(
  (message) => {
    const isFirst = model.platform === null;
    const fresh = model.apply(message);
    if (!isFirst) announcer.announce(fresh);
    if (!isDrawn) return;
    isDrawn = false;
    requestAnimationFrame(() => {
      isDrawn = true;
      render("current");
    });
  },
  (state) => {
    if (state === "live") {
      model.forgetEvents();
      setText(byId("problem", HTMLElement), "");
    }
    connection.show(state, model.now);
  },
);

/** Renders the table first; the parts next to it in a separate task. */
function render(order: "current" | "fresh"): void {
  if (!model.platform) return;
  const { state } = view;
  platform.render(model.platform);
  filters.render(model.counts(), model.platform.workspaces, state.kind);
  renderTable(order);
  clearTimeout(rest);
  rest = setTimeout(renderRest);
}

function renderRest(): void {
  const { workspace, events, errorsOnly } = view.state;
  details.render(workspace === null ? undefined : model.card(workspace), model.now);
  chart.render(model, model.now);
  timeline.render(model.events, { workspaceId: events, errorsOnly });
}

function renderTable(how: "current" | "fresh"): void {
  const { kind, search, sort } = view.state;
  const cards = order[how]({ kind, text: search }, sort);
  table.render(cards, model.now);
  showHowMany(cards.length, model.platform?.workspaces ?? 0);
}

/** Shows the view in the URL: after a click, or a step in the browser's history. */
function show(state: ViewState): void {
  filters.show(state);
  table.showSort(state.sort);
  table.showOpened(state.workspace);
  details.open(state.workspace);
  details.showEvents(state.events !== null && state.events === state.workspace);
  render("fresh");
}

function showHowMany(shown: number, total: number): void {
  setText(
    byId("shown", HTMLElement),
    shown === total ? `${count(total)} workspaces` : `${count(shown)} of ${count(total)} workspaces`,
  );
  byId("empty", HTMLElement).hidden = shown > 0;
  const hint = byId("empty-hint", HTMLElement);
  hint.hidden = total > 0;
  setText(hint, `export PLATFORM_URL=${location.origin}`);
  setText(
    byId("empty-text", HTMLElement),
    total === 0
      ? "No workspace has registered yet. Point an agent here:"
      : "No workspace matches the filter.",
  );
}

async function act(action: DetailsAction, id: string): Promise<void> {
  switch (action) {
    case "close":
      view.push({ workspace: null });
      return table.focus(id);
    case "events":
      return view.push({ events: view.state.events === id ? null : id });
    case "rotate":
      return openRotation({ id, name: nameOf(id) });
    case "revoke":
      return report(await revoke(id));
    case "remove":
      return confirmRemoval.open(`Remove ${nameOf(id)}?`, async () => {
        report(await remove(id));
        // Its buttons disappear, and the focus with them.
        details.focus();
      });
  }
}

/** Reports a control's failure; successes are visible anyway. */
function report(outcome: Outcome): void {
  setText(byId("problem", HTMLElement), outcome.ok ? "" : outcome.reason);
}
