// The token lives in this tab only: sessionStorage ends with it.
const PLACE = "city-hub.token";

export function keptToken() {
  return sessionStorage.getItem(PLACE) ?? "";
}

export function keepToken(token) {
  if (token) sessionStorage.setItem(PLACE, token);
  else sessionStorage.removeItem(PLACE);
}

// What a token says of its holder, unverified: only the hub can tell whether it holds.
export function claimsOf(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (c) => c.codePointAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims.sub === "string" ? claims : null;
  } catch {
    return null;
  }
}
