"""One module or package for each network; the only rooms that know a chat SDK."""
