"""What is to be reached in an incident: rules without a store, and what uses them."""
