"""Districts as data: one folder each, with `district.yaml` and the files it names."""
