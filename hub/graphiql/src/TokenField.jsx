import { claimsOf } from "./token.js";

const CLOCK = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });

function standing(token) {
  if (!token) return { kind: "anonymous", text: "anonymous: places only" };
  const claims = claimsOf(token);
  if (!claims) return { kind: "wrong", text: "this is not a token" };
  if (claims.exp * 1000 < Date.now()) return { kind: "wrong", text: "this token has expired" };
  const who = [claims.sub, ...(claims.roles ?? [])].join(" · ");
  const until = CLOCK.format(new Date(claims.exp * 1000));
  return { kind: "known", text: `${who} · until ${until}` };
}

export function TokenField({ token, onChange }) {
  const { kind, text } = standing(token);
  return (
    <form className="token" onSubmit={(event) => event.preventDefault()}>
      <span className={`token-standing ${kind}`} role="status">
        {text}
      </span>
      <label>
        Token
        <input
          type="password"
          autoComplete="off"
          spellCheck="false"
          placeholder="paste one from: hub token"
          value={token}
          onChange={(event) => onChange(event.target.value.trim())}
        />
      </label>
      {token && (
        <button type="button" onClick={() => onChange("")}>
          Forget
        </button>
      )}
    </form>
  );
}
