"""Where things are: coordinates as people give them, distances, and what is nearest. Pure."""
