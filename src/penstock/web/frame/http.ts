/** Asking our own server from an island. */

/** The token that every request which changes something carries. */
export function formToken(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=form-token]")?.content ?? "";
}

/** What went wrong, in the server's own words. */
export class ServerError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  const type = response.headers.get("content-type") ?? "";
  const said: unknown = type.includes("json") ? await response.json() : undefined;
  const about = (said ?? {}) as { title?: string; detail?: string; message?: string };
  throw new ServerError(response.status, about.detail ?? about.message ?? about.title ?? `The server answered ${response.status}.`);
}

/** A JSON answer. The caller names the type it expects. */
export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  const headers = { Accept: "application/json" };
  const response = await answered(await fetch(url, signal ? { headers, signal } : { headers }));
  return (await response.json()) as T;
}

/** A fragment of a page. */
export async function getHtml(url: string, signal?: AbortSignal): Promise<string> {
  const headers = { "HX-Request": "true", Accept: "text/html" };
  return (await answered(await fetch(url, signal ? { headers, signal } : { headers }))).text();
}

/** Send a form or JSON, with the token. */
export async function post(url: string, body: FormData | URLSearchParams | object, method = "POST"): Promise<Response> {
  const isForm = body instanceof FormData || body instanceof URLSearchParams;
  const headers: Record<string, string> = { "X-Form-Token": formToken(), Accept: "application/json, text/html" };
  if (!isForm) headers["Content-Type"] = "application/json";
  return answered(await fetch(url, { method, headers, body: isForm ? body : JSON.stringify(body) }));
}
