"""What things look like: one module for each kind of thing, and the words for their codes."""
