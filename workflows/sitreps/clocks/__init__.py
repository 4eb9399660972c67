"""Packs of reporting deadlines, one `clock-NAME.toml` each."""
