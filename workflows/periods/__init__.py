"""The clock of an incident: operational periods, the meetings before them, tiers."""
