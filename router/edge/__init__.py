"""What waits: sockets, clocks, files and libraries, one concern a file; nothing here decides."""
