"""An incident from its declaration to its end: rules without a store, and what uses them."""
