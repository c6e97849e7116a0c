"""Making up a district: everything that no public source gives, deterministic from a seed."""
