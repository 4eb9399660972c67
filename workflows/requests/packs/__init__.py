"""What to ask for first, by type of incident and event level: data files (`workflows.shelf`)."""
