"""Briefings, and what they tell about dangers and channels."""
