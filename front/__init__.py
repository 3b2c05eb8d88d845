"""The command line: what a person or a script says to Kendali, and how its parts are kept alive."""
