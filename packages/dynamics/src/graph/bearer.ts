import type { Middleware } from "@microsoft/microsoft-graph-client";

/**
 * What one call brings along and takes back. The Graph client looks options up by their class, and keeps of a network error only its
 * name, so what went wrong is kept here (facts §3).
 */
export class Call {
  readonly token: string;
  /** What the transport threw, as it was. */
  failure: unknown = undefined;

  constructor(token: string) {
    this.token = token;
  }
}

/** The client makes its requests from texts; a `Request` object names its own address. */
const addressOf = (request: unknown): string =>
  request instanceof Request ? request.url : String(request);

const headersOf = (given: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(new Headers(typeof given === "object" && given !== null ? { ...given } : {}));

/**
 * The first link of the middleware chain: gives a request its token, and only one that goes to `origin`. The client's own handler does
 * it by a list of hosts, only for https, and leaves the header out without a word everywhere else (facts §3); this one throws.
 */
export const bearer = (origin: string): Middleware => {
  let next: Middleware | undefined;
  return {
    setNext: (middleware) => {
      next = middleware;
    },
    execute: async (context) => {
      const call: unknown = context.middlewareControl?.getMiddlewareOptions(Call);
      if (!(call instanceof Call) || next === undefined)
        throw new TypeError("A request to Graph without a token");
      if (new URL(addressOf(context.request)).origin !== origin)
        throw new RangeError("A request that does not go to Graph gets no token");
      const headers = {
        ...headersOf(context.options?.headers),
        authorization: `Bearer ${call.token}`,
      };
      context.options = { ...context.options, headers };
      try {
        await next.execute(context);
      } catch (error) {
        call.failure = error;
        throw error;
      }
    },
  };
};
