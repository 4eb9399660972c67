"""The one ledger of stock: what lies where, and every movement with its two sides."""
