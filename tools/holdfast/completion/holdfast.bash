# Completion of holdfast in bash: subcommands, options, and the steps and tags behind RUN@.
# Installed where bash-completion finds it; else: source this file.

_holdfast() {
  local line="${COMP_LINE:0:COMP_POINT}" word before
  mapfile -t COMPREPLY < <("$1" complete "$line" 2>/dev/null)
  # bash breaks words at '@': what is before it is on the line already.
  word="${line##*[[:space:]]}"
  if [[ "$word" == *@* && "$COMP_WORDBREAKS" == *@* ]]; then
    before="${word%"${word##*@}"}"
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
  fi
}

complete -o default -F _holdfast holdfast
