"""Requests for resources, from the need to the return."""
