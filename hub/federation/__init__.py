"""The registry of subgraphs: the hub's own, those of partners, and the supergraph they make."""
