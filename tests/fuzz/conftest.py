"""The fuzzers run in processes of their own, where a crash does no harm: none of their files is imported here."""

collect_ignore_glob = ["[!t]*.py"]
