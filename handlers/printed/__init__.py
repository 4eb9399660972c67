"""Pictures and files: how they look, and what makes them."""
