import { runSuites } from "../suites.ts";

/** workerd has only requests: the request carries the setting, the response the outcome. */
export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await runSuites(await request.json()));
  },
};
