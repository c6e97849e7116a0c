import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./page.css";
import { GraphiQL } from "graphiql";
import { useMemo, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { TABS } from "./examples.js";
import mark from "./mark.svg";
import { TokenField } from "./TokenField.jsx";
import { keepToken, keptToken } from "./token.js";

const API = "/graphql";

// GraphiQL fills its first tab's query from the tabs, but not its variables.
const FIRST_VISIT = localStorage.getItem("graphiql:tabState") === null;

async function ask(request, headers, token) {
  const answer = await fetch(API, {
    method: "POST",
    credentials: "omit",
    headers: {
      Accept: "application/graphql-response+json, application/json;q=0.9",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...headers,
      "Content-Type": "application/json",
    },
    body: JSON.stringify(request),
  });
  return answer.json();
}

function Page() {
  const [token, setToken] = useState(keptToken);
  const latest = useRef(token);
  latest.current = token;
  const fetcher = useMemo(
    () => (request, options) => ask(request, options?.headers, latest.current),
    [],
  );
  const change = (next) => {
    keepToken(next);
    setToken(next);
  };
  return (
    <>
      <header className="bar">
        <img src={mark} alt="" width="28" height="28" />
        <h1>City Hub</h1>
        <p>The district’s shared memory · {API}</p>
        <TokenField token={token} onChange={change} />
      </header>
      <main className="work">
        <GraphiQL
          fetcher={fetcher}
          defaultTabs={TABS}
          defaultQuery=""
          initialVariables={FIRST_VISIT ? TABS[0].variables : undefined}
          defaultEditorToolsVisibility="variables"
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>
            <span />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(document.getElementById("page")).render(<Page />);
