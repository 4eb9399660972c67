"""The incident action plan and the forms that it is made of."""
