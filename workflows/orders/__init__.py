"""Who is told to do what: rules without a store, and what uses them."""
