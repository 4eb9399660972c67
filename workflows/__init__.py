"""What the emergency is: rules and services, without SDK, SQL or babel."""
