"""Live delivery of subscriptions: logs, groups of equal subscribers, the protocols they speak."""
