"""The Telegram transport against the project's own Bot API server."""
