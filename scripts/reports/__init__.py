"""Reports of a period: read from the marts, formatted, drawn and written. Nothing is computed here."""
