"""The only place that opens a data file or a database."""
