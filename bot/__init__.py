"""The running process: transports, dispatcher, delivery and the command line."""
