import fc from "fast-check";
import { platforms, type World } from "./world.ts";

type Step = readonly [name: string, run: (world: World) => unknown];

const platform = fc.constantFrom(...platforms);
const simple = (name: string, run: (world: World) => unknown) => fc.constant<Step>([name, run]);

/** One operation on an `Auth`. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: simple("headers", (world) => world.headers()) },
  { weight: 2, arbitrary: simple("send to a path", (world) => world.send(null)) },
  { weight: 2, arbitrary: platform.map((to): Step => [`send to ${to}`, (world) => world.send(to)]) },
  {
    weight: 2,
    arbitrary: platform.map((to): Step => [`withAuth to ${to}`, (world) => world.sendWithAuth(to)]),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(platform, fc.boolean())
      .map(([to, keep]): Step => [`move to ${to}, keep: ${keep}`, (world) => world.move(to, keep)]),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(platform, fc.constantFrom("operator" as const, "network" as const))
      .map(([to, how]): Step => [`${how} saves for ${to}`, (world) => world.save(to, how)]),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 3 }).map((n): Step => [`abort ${n}`, (world) => world.abort(n)]),
  },
  {
    weight: 1,
    arbitrary: fc.option(platform).map((to): Step => [`register for ${to}`, (world) => world.register(to)]),
  },
  simple("headers of w", (world) => world.headers("w")),
  simple("platform toggles rejecting", (world) => world.toggleRejecting()),
  simple("reject", (world) => world.reject()),
  simple("environment variable", (world) => world.setEnvToken()),
  simple("another process stores", (world) => world.changeElsewhere()),
  simple("refresh", (world) => world.calls.push(world.auth.refreshCache())),
  simple("clear", (world) => world.auth.clearCache()),
  simple("watch", (world) => world.auth.watch()),
  simple("unreadable", (world) => {
    world.storage.readable = false;
  }),
  simple("unwritable", (world) => {
    world.storage.writable = false;
  }),
  simple("repaired", (world) => {
    world.storage.readable = world.storage.writable = true;
  }),
  simple("hang", (world) => world.storage.hang()),
  simple("release", (world) => world.storage.release()),
);
