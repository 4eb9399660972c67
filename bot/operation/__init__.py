"""What an operator needs of a running Lianzhi: health, figures, watchdogs, copies, clearing."""
