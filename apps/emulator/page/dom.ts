/** The element with this id. Throws if it is missing or of another type: then page and code do not match. */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  return only(document, `#${id}`, kind);
}

/** The element below `root` with this slot name. */
export function slot(root: ParentNode, name: string): HTMLElement {
  return only(root, `[data-slot="${name}"]`, HTMLElement);
}

/** The first match of a selector. Throws like `byId`. */
export function only<T extends Element>(root: ParentNode, selector: string, kind: new () => T): T {
  const found = root.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} at ${selector}`);
}

/** Sets a text, without touching the document if it is unchanged. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets a data attribute, without touching the document if it is unchanged. */
export function setData(element: HTMLElement, name: string, value: string): void {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}
