"""Tables, queries and units of work."""
