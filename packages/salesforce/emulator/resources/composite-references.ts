import { isObject } from "../http/call.ts";

const pattern = /@\{([A-Za-z]\w*)((?:\.\w+|\[\d+\])*)\}/g;

/** The answers that later subrequests may point at with `@{reference.path}`. */
export class References {
  readonly #answers = new Map<string, unknown>();

  /** Keeps the answer of a subrequest; undefined when it failed. */
  set(referenceId: string, body: unknown): void {
    this.#answers.set(referenceId, body);
  }

  /** True when a subrequest with this reference has been met. */
  has(referenceId: string): boolean {
    return this.#answers.has(referenceId);
  }

  /** The first pointer of a subrequest that leads nowhere. */
  missing(part: { readonly url: string; readonly body: unknown }): string | undefined {
    const text = `${part.url} ${part.body === undefined ? "" : JSON.stringify(part.body)}`;
    for (const match of text.matchAll(pattern)) {
      if (this.#read(match[1] ?? "", match[2] ?? "") === undefined)
        return (match[1] ?? "") + (match[2] ?? "");
    }
    return undefined;
  }

  /** Puts values into a url. */
  fillUrl(url: string): string {
    return url.replaceAll(pattern, (_whole, name: string, path: string) =>
      encodeURIComponent(String(this.#read(name, path))),
    );
  }

  /** Puts values into every text of a body. */
  fill(json: unknown): unknown {
    if (typeof json === "string")
      return json.replaceAll(pattern, (_whole, name: string, path: string) =>
        String(this.#read(name, path)),
      );
    if (Array.isArray(json)) return json.map((one) => this.fill(one));
    if (!isObject(json)) return json;
    return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, this.fill(value)]));
  }

  #read(name: string, path: string): unknown {
    let value: unknown = this.#answers.get(name);
    for (const step of path.match(/\w+/g) ?? []) {
      if (Array.isArray(value)) value = value[Number(step)];
      else value = isObject(value) ? value[step] : undefined;
    }
    return typeof value === "object" ? undefined : value;
  }
}
