"""People's words in, documents out."""
