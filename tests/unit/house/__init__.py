"""What holds for the project as a whole: its packaging, its floors, its test servers."""
