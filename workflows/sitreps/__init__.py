"""Situation reports: what is counted, what goes up and by when, who owes it."""
