/** The members that an object has itself: what it inherits may come from a polluted `Object.prototype`. */
export const own = <T extends object>(from: T): T => ({ __proto__: null, ...from });
