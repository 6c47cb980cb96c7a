"""`make fuzz`: what any bytes do to the parsers' glue, guided by coverage; what is kept of it."""
