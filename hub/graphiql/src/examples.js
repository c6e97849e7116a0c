// The example queries in the page's tabs. A test runs each of them against the hub.
import venue from "./examples/venue.graphql?raw";
import grid from "./examples/grid.graphql?raw";
import licences from "./examples/licences.graphql?raw";
import search from "./examples/search.graphql?raw";
import statistics from "./examples/statistics.graphql?raw";
import change from "./examples/change.graphql?raw";
import variables from "./examples/variables.json";

// The next ninety days, by the browser's calendar.
const DAY = 24 * 60 * 60 * 1000;
const date = (days) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);
const SOON = { licences: { ...variables.licences, from: date(0), to: date(90) } };

const OPERATIONS = { venue, grid, licences, search, statistics, change };

export const TABS = Object.entries(OPERATIONS).map(([name, query]) => ({
  query: query.trimEnd(),
  variables: JSON.stringify({ ...variables, ...SOON }[name], null, 2),
}));
