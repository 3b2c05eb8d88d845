"""From the database to the screens: publish once, paint everywhere."""
