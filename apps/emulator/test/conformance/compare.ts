/** The meaning of a placeholder in a recorded answer. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  uuid: /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/,
  time: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/,
  token: /[\w-]{43}/,
  prefix: /[\w-]{8}/,
  text: /[\s\S]*/,
};
const PLACEHOLDER = /<(uuid|time|token|prefix|text)>/;
/** Hints for people, which were not recorded. */
const NOT_COMPARED = /_snippet$/;

/** The differences between an answer and the recorded one, one line each. */
export function difference(got: unknown, recorded: unknown, at = "body"): string[] {
  if (typeof recorded === "string" && typeof got === "string") {
    return matches(got, recorded) ? [] : [`${at} is ${show(got)}, not ${show(recorded)}`];
  }
  if (Array.isArray(recorded) && Array.isArray(got)) {
    if (recorded.length !== got.length) return [`${at} has ${got.length} items, not ${recorded.length}`];
    return recorded.flatMap((item, index) => difference(got[index], item, `${at}.${index}`));
  }
  if (isObject(recorded) && isObject(got)) {
    const names = new Set([...Object.keys(recorded), ...Object.keys(got)]);
    return [...names].flatMap((name) => {
      if (NOT_COMPARED.test(name)) return [];
      if (!(name in got)) return [`${at}.${name} is missing`];
      if (!(name in recorded)) return [`${at}.${name} is ${show(got[name])}, and was not there`];
      return difference(got[name], recorded[name], `${at}.${name}`);
    });
  }
  return Object.is(got, recorded) ? [] : [`${at} is ${show(got)}, not ${show(recorded)}`];
}

/** A value in an answer: `tokens.0.id`. */
export function valueAt(body: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce(
      (value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined),
      body,
    );
}

function matches(got: string, recorded: string): boolean {
  const parts = recorded.split(PLACEHOLDER).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return SHAPES[part]?.source ?? "";
  });
  return new RegExp(`^${parts.join("")}$`).test(got);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 300) ?? String(value);
