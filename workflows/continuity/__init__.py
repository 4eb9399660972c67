"""Going on by paper and radio when the network falls, and coming back from it."""
