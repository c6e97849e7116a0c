"""Doors for those who do not speak GraphQL."""
