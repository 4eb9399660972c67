"""Who commands, who does what, and how that passes on: rules without a store, and services."""
