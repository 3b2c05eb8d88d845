"""From the database to the screens."""
