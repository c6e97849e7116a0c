"""What `hub events` does: dead letters, pruning and export."""
