"""Outbox rows on their way to the networks: lanes, quotas, retries, settlement."""
