"""The tables an agent can sit at; `base` says what a table is, each further file is one."""
