"""The command families: one module each, found by `handlers.registry.discover`."""
