/** An object's own properties: inherited ones may come from a polluted `Object.prototype`. */
export const own = <T extends object>(from: T): T => ({ __proto__: null, ...from });
