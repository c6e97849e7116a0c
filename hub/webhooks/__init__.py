"""Webhooks: versions of events sent by HTTP to those who cannot hold a connection."""
