"""What `run.py probe --help` says; apart, so that --help does not wait for the collectors."""

HELP = """\
Look at an address, a file or a database that is not known yet, and print a `sources:` entry for it.

It finds out how the records are packed and paged, which column is which field (with a confidence from
0 to 1), how times and numbers are written, and which words a status has. Columns that look personal or
that people write freely are named as left out; what is in them is never printed. Nothing is saved.
"""
EXAMPLES = """\
examples:
  run.py probe export/pengaduan.xlsx --name sikesal > sikesal.yaml
  run.py probe "https://data.example.go.id/api/3/action/datastore_search?resource_id=6ddc"
  run.py probe https://api.example.go.id/laporan --header X-API-Key=LAPOR_KEY
                                   sends the variable LAPOR_KEY of the environment in this header
  run.py probe postgresql://baca:sandi@db.example/sipadek                      lists its tables
  run.py probe postgresql://baca:sandi@db.example/sipadek --table naskah

then: paste the entry under `sources:` (and `metrics:`) of your settings, go through every FILL IN, and try
  run.py once NAME --dry-run       which rows are rejected, and for which field?
  run.py once NAME                 save them

exit codes: 0 a proposal or a list of tables, 1 it could not be read, 2 wrong usage
"""
