"""What is said: understanding messages, planning speech, wording, checking and remembering it."""
