"""Reading files: rows of CSV and GeoJSON become records, bad ones go to a reject file."""
