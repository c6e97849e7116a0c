// The example queries in the page's tabs. A test runs each of them against the hub.
import venue from "./examples/venue.graphql?raw";
import grid from "./examples/grid.graphql?raw";
import licences from "./examples/licences.graphql?raw";
import search from "./examples/search.graphql?raw";
import statistics from "./examples/statistics.graphql?raw";
import change from "./examples/change.graphql?raw";
import variables from "./examples/variables.json";

const OPERATIONS = { venue, grid, licences, search, statistics, change };

export const TABS = Object.entries(OPERATIONS).map(([name, query]) => ({
  query: query.trimEnd(),
  variables: JSON.stringify(variables[name], null, 2),
}));
