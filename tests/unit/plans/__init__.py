"""Rules of action plans, forms and the continuity pack."""
