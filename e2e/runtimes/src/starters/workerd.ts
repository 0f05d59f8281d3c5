import { runSuites } from "../suites.ts";

/** A worker has nothing but requests: one of them brings the setting, its response takes the outcome. */
export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await runSuites(await request.json()));
  },
};
