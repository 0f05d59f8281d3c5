/** The element with this id. Throws when the page has none, or another kind: then page and code do not fit. */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  return only(document, `#${id}`, kind);
}

/** The element below `root` that holds the slot of this name. */
export function slot(root: ParentNode, name: string): HTMLElement {
  return only(root, `[data-slot="${name}"]`, HTMLElement);
}

/** The first element that a selector finds. Throws like `byId`. */
export function only<T extends Element>(root: ParentNode, selector: string, kind: new () => T): T {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} at ${selector}`);
}

/** Shows a text, and leaves the document alone where it is shown already. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a data attribute, and leaves the document alone where it is set already. */
export function setData(element: HTMLElement, name: string, value: string): void {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}
