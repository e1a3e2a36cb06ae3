# Completion of holdfast in bash: subcommands, options, and the steps and tags behind RUN@.
# Installed where bash-completion finds it; else: source this file.

_holdfast() {
  local line="${COMP_LINE:0:COMP_POINT}"
  mapfile -t COMPREPLY < <("$1" complete "$line" 2>/dev/null)
  # bash breaks words at '@', but not in quotes: what is before it is on the line already.
  if [[ "$COMP_WORDBREAKS" == *@* && "${COMP_WORDS[COMP_CWORD]}" != [\"\']* ]]; then
    COMPREPLY=("${COMPREPLY[@]##*@}")
  fi
}

complete -o default -F _holdfast holdfast
