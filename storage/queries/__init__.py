"""What is asked of the tables, one module for each family of rows."""
