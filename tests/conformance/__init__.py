"""HTTP/1.1 as this router speaks it: tables of bytes and right answers, by section of the RFCs."""
