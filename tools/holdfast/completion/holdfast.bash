# Completion of holdfast in bash: subcommands, options, and the steps and tags behind RUN@.
# It is installed where bash-completion finds it. Without bash-completion, source this file.

_holdfast() {
  local line="${COMP_LINE:0:COMP_POINT}"
  mapfile -t COMPREPLY < <("$1" complete "$line" 2>/dev/null)
  # Outside of quotes bash breaks words at '@', and replaces only what stands behind it.
  if [[ "$COMP_WORDBREAKS" == *@* && "${COMP_WORDS[COMP_CWORD]}" != [\"\']* ]]; then
    COMPREPLY=("${COMPREPLY[@]##*@}")
  fi
}

complete -o default -F _holdfast holdfast
