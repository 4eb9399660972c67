"""Pictures: how they look, as Typst files, and what draws them."""
